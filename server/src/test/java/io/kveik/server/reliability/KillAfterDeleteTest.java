package io.kveik.server.reliability;

import static io.kveik.server.reliability.KilledStore.PATIENCE;
import static io.kveik.server.reliability.KilledStore.connect;
import static io.kveik.server.reliability.KilledStore.id;
import static io.kveik.server.reliability.KilledStore.namespace;
import static io.kveik.server.reliability.KilledStore.start;
import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.client.BlockClient;
import io.kveik.client.BlockSelector;
import io.kveik.client.ControlResult;
import io.kveik.client.NamespaceClient;
import io.kveik.client.data.LoadItem;
import io.kveik.client.data.LoadResult;
import io.kveik.client.data.StoreItem;
import io.kveik.server.process.ServerProcess;
import io.kveik.server.tier.TestBlocks;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * kill -9 right after a deletion was answered, with write-behinds still queued: what was deleted
 * does not come back, neither while the restarted server lists its tiers nor afterwards; what was
 * on disk and not deleted is still there. {@code -Dkveik.deletion.kills} sets how often (6).
 */
class KillAfterDeleteTest {
  private static final int KILLS = Integer.getInteger("kveik.deletion.kills", 6);
  private static final int BLOCKS = 200;
  private static final int BLOCK_BYTES = 16 * 1024;

  @TempDir Path data;

  @Test
  void whatWasDeletedStaysDeleted() throws Exception {
    long seed = TestBlocks.seed("KillAfterDeleteTest");
    SplittableRandom random = new SplittableRandom(seed);
    Set<Integer> deleted = new HashSet<>();
    for (int round = 0; round < KILLS; round++) {
      try (ServerProcess server = start(data);
          BlockClient client = connect(server);
          NamespaceClient blocks = client.open(namespace(round))) {
        store(blocks, 0, BLOCKS);
        BlockSelector selector;
        if (round % 3 == 0) {
          selector = new BlockSelector.Everything();
          IntStream.range(0, BLOCKS).forEach(deleted::add);
        } else if (round % 3 == 1) {
          int root = random.nextInt(BLOCKS);
          selector = new BlockSelector.Prefix(id(root));
          // Chains of ten; see store.
          IntStream.range(root, (root / 10 + 1) * 10).forEach(deleted::add);
        } else {
          List<Integer> some = random.ints(50, 0, BLOCKS).boxed().distinct().toList();
          selector = new BlockSelector.Ids(some.stream().map(KilledStore::id).toList());
          deleted.addAll(some);
        }
        ControlResult result = control(blocks, selector);
        server.kill();
        assertThat(result.changed()).as("seed %d round %d", seed, round).isEqualTo(deleted.size());
        assertThat(result.owingTiers()).isEmpty();
      }
      try (ServerProcess server = start(data);
          BlockClient client = connect(server);
          NamespaceClient blocks = client.open(namespace(round))) {
        String what = "seed %d round %d".formatted(seed, round);
        // At once, while the tier may not be listed yet, and once more when it is.
        for (int look = 0; look < 2; look++) {
          List<LoadResult> loaded = load(blocks);
          for (int i : deleted) {
            assertThat(loaded.get(i).found()).as("%s block %d", what, i).isFalse();
          }
        }
        store(blocks, 0, BLOCKS);
        assertThat(load(blocks)).as(what).allMatch(LoadResult::found);
      }
      deleted.clear();
    }
  }

  private static ControlResult control(NamespaceClient blocks, BlockSelector selector) {
    return blocks.control().withDeadline(PATIENCE).delete(selector);
  }

  private static void store(NamespaceClient blocks, int first, int count) {
    List<StoreItem> items = new ArrayList<>();
    for (int i = first; i < first + count; i++) {
      items.add(
          StoreItem.of(
              id(i),
              i % 10 == 0 ? new byte[0] : id(i - 1),
              16,
              MemorySegment.ofArray(TestBlocks.body(i, 0, BLOCK_BYTES))));
    }
    assertThat(blocks.store(items)).allMatch(result -> result.inStore());
  }

  private static List<LoadResult> load(NamespaceClient blocks) {
    List<LoadItem> items = new ArrayList<>();
    for (int i = 0; i < BLOCKS; i++) {
      items.add(LoadItem.whole(id(i), MemorySegment.ofArray(new byte[BLOCK_BYTES])));
    }
    return blocks.load(items);
  }
}
