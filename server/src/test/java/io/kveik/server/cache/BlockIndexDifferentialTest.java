package io.kveik.server.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.cache.eviction.LeafFirstLru;
import io.kveik.server.runtime.ManualTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The index against {@link IndexModel}, with all that can go on at once going on. */
class BlockIndexDifferentialTest {
  private static final int TIERS = 3;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final ManualTime time = new ManualTime();

  /** Few labels: many bearers, cycles and orphans; many: chains. */
  @ParameterizedTest(name = "seed {0}, {1} labels")
  @CsvSource({"1, 3", "2, 20", "3, 100", "4, 2000", "5, 20", "6, 100"})
  void doesWhatTheModelDoes(long seed, int labels) {
    Random random = new Random(seed);
    IndexModel model = new IndexModel();
    try (BlockIndex index = new BlockIndex(TIERS, LeafFirstLru::new, 64, time)) {
      for (int step = 0; step < 40_000; step++) {
        String at = "seed " + seed + " step " + step;
        int tier = random.nextInt(TIERS);
        boolean growing = step / 5_000 % 2 == 0;
        switch (random.nextInt(growing ? 8 : 12)) {
          case 0, 1, 2, 3 -> {
            BlockHeader header = header(random, model, labels);
            boolean held = random.nextInt(4) == 0;
            assertThat(index.enter(header, tier, held))
                .as(at)
                .isEqualTo(model.enter(header, tier, held));
          }
          case 4 -> {
            List<BlockKey> keys = new ArrayList<>();
            for (int i = random.nextInt(5); i > 0; i--) {
              BlockKey key = anyKey(random, model);
              if (model.get(key) != null) {
                keys.add(key);
              }
            }
            touch(index, keys);
            model.touch(keys);
          }
          case 5, 6 -> {
            BlockKey key = anyKey(random, model);
            index.unhold(key, tier);
            model.unhold(key, tier);
          }
          case 7 -> {
            BlockKey key = anyKey(random, model);
            assertThat(index.leave(key, tier, Departure.DELETED))
                .as(at)
                .isEqualTo(model.leave(key, tier));
          }
          default -> assertThat(index.eviction().evict(tier)).as(at).isEqualTo(model.evict(tier));
        }
        compare(index, model, anyKey(random, model), at);
        Fingerprint namespace = namespace(random.nextInt(3));
        long label = random.nextInt(labels);
        assertThat(index.depthUnder(namespace, label))
            .as(at)
            .isEqualTo(model.depthUnder(namespace, label));
        if (step % 1_000 == 0) {
          compareAll(index, model, at);
        }
      }
      compareAll(index, model, "seed " + seed + " at the end");
      empty(index, model);
    }
  }

  private static void empty(BlockIndex index, IndexModel model) {
    for (IndexModel.Block block : List.copyOf(model.blocks())) {
      for (int tier = 0; tier < TIERS; tier++) {
        index.unhold(block.header.key(), tier);
      }
    }
    for (int tier = 0; tier < TIERS; tier++) {
      while (index.eviction().evict(tier) != null) {
        // to the last one
      }
      assertThat(index.blocksIn(tier)).isZero();
      assertThat(index.bytesIn(tier)).isZero();
    }
    assertThat(index.blocks()).isZero();
    assertThat(index.namespaces()).isZero();
  }

  private void compareAll(BlockIndex index, IndexModel model, String at) {
    model.blocks().forEach(block -> compare(index, model, block.header.key(), at));
    assertThat(index.blocks()).as(at).isEqualTo(model.blocks().size());
    for (int tier = 0; tier < TIERS; tier++) {
      int ordinal = tier;
      List<BlockHeader> there =
          model.blocks().stream()
              .filter(block -> block.tiers.containsKey(ordinal))
              .map(block -> block.header)
              .toList();
      assertThat(index.blocksIn(tier)).as(at).isEqualTo(there.size());
      assertThat(index.bytesIn(tier))
          .as(at)
          .isEqualTo(there.stream().mapToLong(BlockHeader::bodyLength).sum());
      assertThat(Holds.anyParentEvictable(index, tier)).as(at).isFalse();
    }
    long namespaces =
        model.blocks().stream().map(block -> block.header.namespace()).distinct().count();
    assertThat(index.namespaces()).as(at).isEqualTo(namespaces);
    for (int i = 0; i < 3; i++) {
      Fingerprint namespace = namespace(i);
      List<BlockHeader> own =
          model.blocks().stream()
              .map(block -> block.header)
              .filter(header -> header.namespace().equals(namespace))
              .toList();
      assertThat(index.usageOf(namespace))
          .as(at)
          .isEqualTo(
              new NamespaceTable.Usage(
                  own.size(), own.stream().mapToLong(BlockHeader::bodyLength).sum()));
    }
    List<BlockRef> expired =
        model.blocks().stream()
            .map(block -> block.header)
            .filter(header -> header.expiredAt(time.wallMillis()))
            .map(BlockHeader::ref)
            .toList();
    assertThat(index.expired(Integer.MAX_VALUE))
        .as(at)
        .containsExactlyInAnyOrderElementsOf(expired);
    assertThat(index.expired(3)).as(at).hasSize(Math.min(3, expired.size())).isSubsetOf(expired);
    time.advance(1);
  }

  private void compare(BlockIndex index, IndexModel model, BlockKey key, String at) {
    BlockView view = new BlockView();
    IndexModel.Block block = model.get(key);
    assertThat(index.finder().find(key, view)).as(at).isEqualTo(block != null);
    if (block != null) {
      BlockHeader header = block.header;
      assertThat(view.label()).as(at).isEqualTo(header.label());
      assertThat(view.inNamespace(header.namespace())).as(at).isTrue();
      assertThat(view.tiers).as(at).isEqualTo(block.tierBits());
      assertThat(view.expiresAtNanos)
          .as(at)
          .isEqualTo(
              header.expiresAtMillis() == BlockHeader.NEVER_EXPIRES
                  ? BlockView.NEVER
                  : time.nanoTime()
                      + (header.expiresAtMillis() - time.wallMillis()) * NANOS_PER_MILLI);
    }
  }

  private static void touch(BlockIndex index, List<BlockKey> keys) {
    Prefix prefix = new Prefix();
    BlockView view = new BlockView();
    for (BlockKey key : keys) {
      assertThat(index.finder().find(key, view)).isTrue();
      prefix.add(view);
    }
    index.touch(prefix, keys.size());
  }

  private static BlockKey anyKey(Random random, IndexModel model) {
    if (model.blocks().isEmpty() || random.nextInt(10) == 0) {
      return key(random.nextInt(500));
    }
    return model.blocks().stream()
        .skip(random.nextInt(model.blocks().size()))
        .findFirst()
        .orElseThrow()
        .header
        .key();
  }

  private BlockHeader header(Random random, IndexModel model, int labels) {
    BlockKey key = key(random.nextInt(500));
    IndexModel.Block known = model.get(key);
    if (known != null) {
      return known.header;
    }
    Fingerprint namespace = namespace(random.nextInt(3));
    long parentLabel = random.nextInt(labels);
    // As a write states it, or as a header from before a restart may.
    int depth =
        random.nextInt(3) > 0 ? model.depthUnder(namespace, parentLabel) : random.nextInt(4);
    long expiresAtMillis =
        random.nextInt(3) > 0 ? BlockHeader.NEVER_EXPIRES : time.wallMillis() + random.nextInt(40);
    return new BlockHeader(
        key,
        namespace,
        random.nextInt(labels),
        parentLabel,
        depth,
        128,
        10,
        random.nextInt(1_000),
        0,
        0,
        0,
        expiresAtMillis,
        0);
  }

  /** Fingerprints and keys that share words, down to the tag. */
  private static Fingerprint namespace(int id) {
    return new Fingerprint(7, id % 2, 1, id);
  }

  private static BlockKey key(int id) {
    return new BlockKey((long) (id % 50) << 32, id, 0, -id);
  }
}
