package io.kveik.server.reliability;

import static io.kveik.server.reliability.KilledStore.PATIENCE;
import static io.kveik.server.reliability.KilledStore.connect;
import static io.kveik.server.reliability.KilledStore.id;
import static io.kveik.server.reliability.KilledStore.namespace;
import static io.kveik.server.reliability.KilledStore.start;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kveik.client.AckLevel;
import io.kveik.client.BlockClient;
import io.kveik.client.BlockControlClient;
import io.kveik.client.BlockSelector;
import io.kveik.client.NamespaceClient;
import io.kveik.client.StoredBlockInfo;
import io.kveik.client.TtlKind;
import io.kveik.client.data.StoreItem;
import io.kveik.server.process.ServerProcess;
import io.kveik.server.tier.TestBlocks;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * kill -9 right after settings were answered: the restarted server has every one of them, and the
 * pinned blocks are in DRAM again. {@code -Dkveik.setting.kills} sets how often (2).
 */
class KillAfterSettingTest {
  private static final int KILLS = Integer.getInteger("kveik.setting.kills", 2);
  private static final int BLOCKS = 60;
  private static final int BLOCK_BYTES = 4 * 1024;

  /** Ended by no test run. */
  private static final Duration TTL = Duration.ofHours(10);

  @TempDir Path data;

  @Test
  void whatWasSetIsStillSet() throws Exception {
    SplittableRandom random = new SplittableRandom(TestBlocks.seed("KillAfterSettingTest"));
    for (int round = 0; round < KILLS; round++) {
      List<BlockSelector> tenths =
          IntStream.range(0, 10).<BlockSelector>mapToObj(KillAfterSettingTest::tenth).toList();
      int level = 1 + random.nextInt(3);
      try (ServerProcess server = start(data);
          BlockClient client = connect(server);
          NamespaceClient blocks = client.open(namespace(round))) {
        store(blocks);
        BlockControlClient control = blocks.control().withDeadline(PATIENCE);
        control.setTtl(new BlockSelector.Everything(), TtlKind.LAST_USE, TTL);
        control.setPriority(new BlockSelector.Prefix(id(0)), level);
        control.setPriority(tenths.get(1), 0);
        control.setTtl(tenths.get(2), TtlKind.ABSOLUTE, TTL);
        control.pin(tenths.get(3));
        control.pin(tenths.get(4));
        control.unpin(tenths.get(4));
        server.kill();
      }
      try (ServerProcess server = start(data);
          BlockClient client = connect(server);
          NamespaceClient blocks = client.open(namespace(round))) {
        BlockControlClient control = blocks.control().withDeadline(PATIENCE);
        await()
            .atMost(PATIENCE)
            .until(() -> query(control, new BlockSelector.Everything()).size() == BLOCKS);
        await()
            .atMost(PATIENCE)
            .until(() -> query(control, tenths.get(3)).stream().allMatch(StoredBlockInfo::pinned));
        for (int tenth = 0; tenth < 10; tenth++) {
          boolean absolute = tenth == 2;
          boolean pinned = tenth == 3;
          int priority = tenth == 1 ? 0 : level;
          assertThat(query(control, tenths.get(tenth)))
              .as("round %d tenth %d", round, tenth)
              .hasSize(BLOCKS / 10)
              .allSatisfy(block -> {
                assertThat(block.priority()).isEqualTo(priority);
                assertThat(block.pinned()).isEqualTo(pinned);
                assertThat(block.ttlKind())
                    .contains(absolute ? TtlKind.ABSOLUTE : TtlKind.LAST_USE);
                assertThat(block.ttlLeft()).get().matches(left -> left.compareTo(TTL) <= 0);
              });
        }
      }
    }
  }

  private static List<StoredBlockInfo> query(BlockControlClient control, BlockSelector selector) {
    return control.query(selector, 0, null).blocks();
  }

  private static BlockSelector tenth(int number) {
    return new BlockSelector.Ids(
        IntStream.range(number * BLOCKS / 10, (number + 1) * BLOCKS / 10)
            .mapToObj(KilledStore::id)
            .toList());
  }

  /** One chain, on disk when this returns. */
  private static void store(NamespaceClient blocks) {
    List<StoreItem> items =
        IntStream.range(0, BLOCKS)
            .mapToObj(i ->
                new StoreItem(
                    id(i),
                    i == 0 ? new byte[0] : id(i - 1),
                    16,
                    new byte[0],
                    0,
                    0,
                    AckLevel.LOCAL,
                    MemorySegment.ofArray(TestBlocks.body(i, 0, BLOCK_BYTES)),
                    OptionalInt.empty()))
            .toList();
    assertThat(blocks.store(items)).allMatch(result -> result.inStore());
  }
}
