package io.kveik.client;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** A sequence of tokens and the payloads of its blocks, from one seed. */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record Chain(long[] tokens, List<byte[]> payloads) {
  static final BlockScope SCOPE = new BlockScope("account", "kv", "model");

  static Chain random(long seed, int blocks, int payloadBytes) {
    Random random = new Random(seed);
    long[] tokens = random.longs((long) blocks * KveikClient.BLOCK_TOKENS, 0, 150_000).toArray();
    List<byte[]> payloads = new ArrayList<>();
    for (int i = 0; i < blocks; i++) {
      byte[] payload = new byte[payloadBytes];
      random.nextBytes(payload);
      payloads.add(payload);
    }
    return new Chain(tokens, payloads);
  }

  BlockWrite block(int i) {
    return block(i, MemorySegment.ofArray(payloads.get(i)));
  }

  BlockWrite block(int i, MemorySegment payload) {
    long[] labels = ChainLabels.chain(tokens);
    return BlockWrite.of(labels[i], i == 0 ? 0 : labels[i - 1], tokensOf(i), payload);
  }

  long[] tokensOf(int i) {
    return Arrays.copyOfRange(
        tokens, i * KveikClient.BLOCK_TOKENS, (i + 1) * KveikClient.BLOCK_TOKENS);
  }

  ByteBuffer payload(int i) {
    return ByteBuffer.wrap(payloads.get(i));
  }

  /** Writes every block and returns what a lookup finds. */
  List<BlockRef> store(KveikClient client) {
    for (int i = 0; i < payloads.size(); i++) {
      client.write(SCOPE, block(i));
    }
    return client.lookup(SCOPE, tokens).blocks();
  }
}
