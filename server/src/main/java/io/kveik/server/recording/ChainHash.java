package io.kveik.server.recording;

import io.kveik.server.block.Fingerprint;
import io.kveik.server.cache.Chain;

/**
 * What stands for a block in a recording: a keyed hash of the namespace and all that the chain is
 * up to and including the block. Not thread-safe.
 */
final class ChainHash {
  private final KeyedHash hash;

  ChainHash(KeyedHash.Key key) {
    this.hash = new KeyedHash(key);
  }

  /** What stands for a namespace. */
  long ofNamespace(Fingerprint namespace) {
    hash.accept(namespace.w0());
    hash.accept(namespace.w1());
    hash.accept(namespace.w2());
    hash.accept(namespace.w3());
    return hash.finish();
  }

  /**
   * What stands for a block.
   *
   * @param before what stands for the block before it, or for the namespace where it is the first
   */
  long ofBlock(long before, Chain chain, int index) {
    hash.accept(before);
    chain.describe(index, hash);
    return hash.finish();
  }

  /** What stands for the first so many blocks of the chain, in order. */
  long[] ofChain(Fingerprint namespace, Chain chain, int blocks) {
    long[] hashes = new long[blocks];
    long before = ofNamespace(namespace);
    for (int i = 0; i < hashes.length; i++) {
      before = ofBlock(before, chain, i);
      hashes[i] = before;
    }
    return hashes;
  }
}
