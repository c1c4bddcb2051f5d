package io.kveik.server.tier.object.extent;

import static io.kveik.server.tier.object.extent.ExtentServers.ref;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.block.BlockRef;
import io.kveik.server.tier.FindOutcome;
import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.StoredBlock;
import io.kveik.server.tier.TestBlocks;
import io.kveik.server.tier.object.BlobFailure;
import io.kveik.server.tier.object.MemoryBlobStore.Fault;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What rots, shrinks or changes places in an extent is never served. */
class ExtentCorruptionTest {
  private static final int BLOCKS = 4;
  private static final int INJECTIONS = 2_000;

  private final ExtentServers servers = new ExtentServers("ExtentCorruptionTest");
  private final SplittableRandom random =
      new SplittableRandom(TestBlocks.seed("injections into extents"));

  @AfterEach
  void close() {
    servers.close();
  }

  /** A server that knew the extent before, and one that learns it afterwards. */
  @Test
  void detectsEveryFlipTruncationAndSwap() {
    ExtentTier knows = servers.start();
    int served = 0;
    int lost = 0;
    for (int i = 0; i < INJECTIONS; i++) {
      long first = (long) i * BLOCKS;
      servers.put(knows, first, BLOCKS);
      String path = servers.paths("x1/").getFirst();
      byte[] body = servers.blob(path).body().clone();
      servers.replace(path, harmed(body, i % 4));
      ExtentTier learns = i % 20 == 0 ? servers.start() : knows;
      for (ExtentTier server : List.of(learns, knows)) {
        for (long number = first; number < first + BLOCKS; number++) {
          switch (server.get(ref(number), servers.buffers::allocate)) {
            case GetOutcome.Hit(StoredBlock block) -> {
              // Served is only what is as it was written.
              try (block) {
                assertThat(block.header().key()).isEqualTo(ExtentServers.key(number));
                assertThat(block.body().toArray(JAVA_BYTE))
                    .isEqualTo(TestBlocks.body(number, 1, ExtentServers.PAYLOAD));
              }
              served++;
            }
            case GetOutcome.Corrupt _, GetOutcome.Absent _ -> lost++;
            case GetOutcome other -> throw new AssertionError(other);
          }
        }
      }
      assertThat(servers.buffers.liveLeases()).isZero();
      servers.store.blobs().clear();
    }
    System.out.printf(
        "ExtentCorruptionTest: %d injections, %d blocks not harmed and served, %d not served%n",
        INJECTIONS, served, lost);
    assertThat(served).isPositive();
    assertThat(lost).isGreaterThanOrEqualTo(INJECTIONS);
  }

  private byte[] harmed(byte[] body, int kind) {
    return switch (kind) {
      // In a record: the padding behind the last one is nobody's.
      case 0 -> {
        body[272 + random.nextInt(BLOCKS * (ExtentServers.PAYLOAD + 184))] ^=
            (byte) (1 << random.nextInt(8));
        yield body;
      }
      case 1 -> Arrays.copyOf(body, random.nextInt(272, BLOCKS * (ExtentServers.PAYLOAD + 184)));
      // Two blocks change places.
      case 2 -> {
        int length = ExtentServers.PAYLOAD + 184;
        int one = 272 + random.nextInt(BLOCKS - 1) * length;
        byte[] record = Arrays.copyOfRange(body, one, one + length);
        System.arraycopy(body, one + length, body, one, length);
        System.arraycopy(record, 0, body, one + length, length);
        yield body;
      }
      // A run of bytes was never written.
      default -> {
        int from = 272 + random.nextInt(BLOCKS * (ExtentServers.PAYLOAD + 184) - 600);
        Arrays.fill(body, from, from + 500, (byte) 0);
        yield body;
      }
    };
  }

  @Test
  void anExtentWhoseTableIsDamagedIsPutOutOfReachAsAWhole() {
    for (int at : new int[] {0, 5, 7, 9, 17, 33, 38, 45, 73, 78, 85, 120, 126}) {
      servers.put(servers.start(), 0, BLOCKS);
      String path = servers.paths("x1/").getFirst();
      byte[] body = servers.blob(path).body().clone();
      body[at] ^= 2;
      servers.replace(path, body);
      ExtentTier learns = servers.start();
      for (int i = 0; i < BLOCKS; i++) {
        servers.assertAbsent(learns, i);
      }
      assertThat(servers.paths("x1/")).noneMatch(path::equals).hasSize(1);
      assertThat(servers.paths("quarantine/x1/")).hasSize(1);
      servers.store.blobs().clear();
    }
  }

  @Test
  void onlyTheDamagedBlockIsLost() {
    ExtentTier a = servers.start();
    servers.put(a, 0, BLOCKS);
    String path = servers.paths("x1/").getFirst();
    byte[] body = servers.blob(path).body().clone();
    body[272 + 184 + 100] ^= 1;
    servers.replace(path, body);
    assertThat(a.get(ref(0), servers.buffers::allocate)).isInstanceOf(GetOutcome.Corrupt.class);
    assertThat(a.counters().quarantined.sum()).isOne();
    assertThat(servers.paths("quarantine/x1/")).hasSize(1);
    List<BlockRef> left = new ArrayList<>();
    assertThat(a.scan(header -> left.add(header.ref()))).isTrue();
    assertThat(left).containsExactlyInAnyOrder(ref(1), ref(2), ref(3));
    servers.assertAbsent(a, 0);
    servers.assertHit(a, 1);
  }

  @Test
  void aStoreThatRefusesToAnswerCondemnsNothing() {
    ExtentTier a = servers.start();
    servers.put(a, 0, BLOCKS);
    Fault denied =
        new Fault(new BlobFailure(BlobFailure.Kind.REFUSED, 403, "not authorized"), false);
    servers.breakCalls(_ -> denied);
    assertThat(a.get(ref(0), servers.buffers::allocate)).isInstanceOf(GetOutcome.Failed.class);
    assertThat(a.find(ref(0))).isInstanceOf(FindOutcome.Failed.class);
    // Even where the blob itself may be asked about.
    servers.breakCalls(call -> call.equals("getRange") ? denied : null);
    assertThat(a.get(ref(0), servers.buffers::allocate)).isInstanceOf(GetOutcome.Failed.class);
    servers.breakCalls(_ -> null);
    assertThat(a.counters().quarantined.sum()).isZero();
    assertThat(a.counters().rewritten.sum()).isZero();
    servers.assertHit(a, 0);
  }

  @Test
  void aBitThatFlipsOnTheWireCondemnsNothing() {
    ExtentTier a = servers.start();
    servers.put(a, 0, BLOCKS);
    String path = servers.paths("x1/").getFirst();
    byte[] good = servers.blob(path).body().clone();
    byte[] bad = good.clone();
    bad[272 + 184 + 100] ^= 1;
    servers.replace(path, bad);
    int[] reads = {0};
    servers.breakCalls(call -> {
      if (call.equals("getRange") && ++reads[0] == 2) {
        servers.replace(path, good);
      }
      return null;
    });
    servers.assertHit(a, 0);
    assertThat(reads[0]).isEqualTo(2);
    assertThat(a.counters().quarantined.sum()).isZero();
  }
}
