package io.kveik.server.cache;

import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Goes over the blocks that a {@link Selector} means, a slice at a time, so that no lock is held
 * for long and the walk can be stopped, or broken off and taken up again at a position.
 *
 * <p>Belongs to one thread.
 */
final class SelectionWalk {
  /** Where every walk begins. */
  static final long BEGINNING = 0;

  /** Where a walk that is over stands. */
  static final long OVER = -1;

  private final BlockCensus census;
  private final Fingerprint namespace;
  private final Selector selector;
  private long position;

  /**
   * @param selector no chain: see {@link #resolve}
   * @param position {@link #BEGINNING}, or the {@link #position} of a walk over the same selection
   */
  SelectionWalk(BlockCensus census, Fingerprint namespace, Selector selector, long position) {
    this.census = census;
    this.namespace = namespace;
    this.selector = selector;
    this.position = position;
  }

  boolean over() {
    return position == OVER;
  }

  long position() {
    return position;
  }

  /**
   * The next blocks, at most so many and perhaps none; of {@link Selector.Blocks} all asked for.
   */
  List<IndexedBlock> next(int most) {
    List<IndexedBlock> found = new ArrayList<>();
    switch (selector) {
      case Selector.Blocks(List<BlockKey> keys) -> {
        int end = (int) Math.min(keys.size(), position + most);
        for (int i = (int) position; i < end; i++) {
          found.add(census.find(new BlockRef(namespace, keys.get(i))));
        }
        position = end == keys.size() ? OVER : end;
      }
      case Selector.Prefix(BlockKey key, long label) -> {
        if (position == BEGINNING) {
          found.add(census.find(new BlockRef(namespace, key)));
          position = BlockCensus.START;
        } else {
          slice(OptionalLong.of(label), most, found);
        }
      }
      case Selector.Everything() -> slice(OptionalLong.empty(), most, found);
      case Selector.OfChain _, Selector.PrefixOfChain _ ->
          throw new IllegalStateException("a chain that was not resolved");
    }
    return found;
  }

  private void slice(OptionalLong after, int most, List<IndexedBlock> found) {
    int from = Math.toIntExact(Math.max(position, BlockCensus.START));
    int next = census.slice(namespace, after, from, most, found);
    position = next == BlockCensus.END ? OVER : next;
  }

  /** The selector without chains: their blocks looked up one after the other, without a use. */
  static Selector resolve(BlockCensus census, Fingerprint namespace, Selector selector) {
    return switch (selector) {
      case Selector.OfChain(Chain chain) ->
          new Selector.Blocks(
              follow(census, namespace, chain).stream().map(one -> one.ref().key()).toList());
      case Selector.PrefixOfChain(Chain chain) -> {
        List<IndexedBlock> cached = follow(census, namespace, chain);
        yield cached.size() < chain.blocks() || cached.isEmpty()
            ? new Selector.Blocks(List.of())
            : new Selector.Prefix(cached.getLast().ref().key(), cached.getLast().label());
      }
      case Selector.Blocks _, Selector.Prefix _, Selector.Everything _ -> selector;
    };
  }

  private static List<IndexedBlock> follow(BlockCensus census, Fingerprint namespace, Chain chain) {
    List<IndexedBlock> cached = new ArrayList<>();
    long parentLabel = 0;
    for (int i = 0; i < chain.blocks(); i++) {
      IndexedBlock block = census.find(new BlockRef(namespace, chain.key(i, parentLabel)));
      if (!block.known()) {
        break;
      }
      cached.add(block);
      parentLabel = block.label();
    }
    return cached;
  }
}
