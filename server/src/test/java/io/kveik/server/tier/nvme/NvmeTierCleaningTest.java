package io.kveik.server.tier.nvme;

import static io.kveik.server.tier.TestBlocks.assertHit;
import static io.kveik.server.tier.TestBlocks.assertIntact;
import static io.kveik.server.tier.TestBlocks.put;
import static io.kveik.server.tier.TestBlocks.ref;
import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockRef;
import io.kveik.server.memory.Crc32c;
import io.kveik.server.memory.Lease;
import io.kveik.server.memory.Slab;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.ManualTime;
import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.PutOutcome;
import io.kveik.server.tier.SelfEvictingTier.Retention;
import io.kveik.server.tier.StoredBlock;
import io.kveik.server.tier.TestBlocks;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What leaves when room is needed, what stays, and that the account is what is on the disk. */
class NvmeTierCleaningTest {
  private static final long CAPACITY = 16 * (256 << 10);

  @TempDir Path directory;

  private final Slab buffers = Slab.anonymous(16 << 20);
  private final Set<BlockRef> wanted = ConcurrentHashMap.newKeySet();
  private final Set<BlockRef> evicted = ConcurrentHashMap.newKeySet();

  private final class Wanted implements Retention {
    @Override
    public boolean keep(BlockRef block) {
      return wanted.contains(block);
    }

    @Override
    public void evicted(BlockRef block) {
      assertThat(evicted.add(block)).isTrue();
    }

    @Override
    public void corrupt(BlockRef block) {
      throw new AssertionError("corrupt: " + block);
    }
  }

  @AfterEach
  void noLeaseIsLeft() {
    assertThat(buffers.liveLeases()).isZero();
    buffers.close();
  }

  private NvmeTier open(Clock clock) {
    NvmeTier tier = NvmeTier.open(directory, NvmeOptions.of(CAPACITY).withFsync(false), clock);
    tier.retainBy(new Wanted());
    return tier;
  }

  @Test
  void theOldestLeaveAndTheWantedStay() throws IOException {
    SplittableRandom random = new SplittableRandom(TestBlocks.seed("cleaning"));
    int blocks = 2_000;
    for (int number = 0; number < blocks; number += 10) {
      wanted.add(ref(number));
    }
    // Wanted are few enough to stay for good.
    wanted.removeIf(ref -> random.nextInt(3) > 0);
    Set<BlockRef> removed = new HashSet<>();
    try (NvmeTier tier = open(Clock.system())) {
      for (int number = 0; number < blocks; number++) {
        assertThat(put(tier, buffers::allocate, number, 1, 4_000 + random.nextInt(9_000), 9))
            .isEqualTo(new PutOutcome.Stored());
        if (random.nextInt(10) == 0) {
          BlockRef one = ref(random.nextInt(number + 1));
          if (!evicted.contains(one)) {
            removed.add(one);
          }
          assertThat(tier.remove(one)).isTrue();
        }
        if (number % 250 == 0) {
          NvmeTruth.assertAccountExact(directory, tier);
        }
      }
      assertContent(tier, blocks, removed);
      NvmeTruth.assertAccountExact(directory, tier);
      assertThat(tier.status().reinserted()).isPositive();
      assertThat(tier.status().segmentsFreed()).isGreaterThan(20);
      assertThat(evicted).hasSizeGreaterThan(blocks / 2);
    }
    try (NvmeTier tier = open(Clock.system())) {
      assertContent(tier, blocks, removed);
      NvmeTruth.assertAccountExact(directory, tier);
    }
  }

  private void assertContent(NvmeTier tier, int blocks, Set<BlockRef> removed) {
    for (int number = 0; number < blocks; number++) {
      BlockRef block = ref(number);
      GetOutcome got = tier.get(block, buffers::allocate);
      if (evicted.contains(block) || removed.contains(block)) {
        assertThat(got).isEqualTo(new GetOutcome.Absent());
      } else {
        assertHit(got, number, 1);
      }
      if (wanted.contains(block)) {
        assertThat(evicted).doesNotContain(block);
      }
    }
  }

  @Test
  void whatEverybodyWantsStillMakesWay() throws IOException {
    try (NvmeTier tier = open(Clock.system())) {
      for (int number = 0; number < 1_500; number++) {
        wanted.add(ref(number));
        assertThat(put(tier, buffers::allocate, number, 1, 9_000, 9))
            .isEqualTo(new PutOutcome.Stored());
      }
      NvmeTruth.assertAccountExact(directory, tier);
      // At most half of each freed segment was written again.
      assertThat(tier.status().writeAmplification()).isLessThan(3.5);
    }
  }

  @Test
  void hotBlocksStayUnderChurnFromManyThreads() throws Exception {
    long seed = TestBlocks.seed("cleaning under churn");
    int threads = 4;
    List<Map<Integer, Integer>> known = new ArrayList<>();
    try (NvmeTier tier = open(Clock.system());
        ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      List<Future<Map<Integer, Integer>>> runs = new ArrayList<>();
      for (int thread = 0; thread < threads; thread++) {
        int first = thread * 1_000_000;
        SplittableRandom random = new SplittableRandom(seed + thread);
        runs.add(pool.submit(() -> churn(tier, first, random)));
      }
      for (Future<Map<Integer, Integer>> run : runs) {
        known.add(run.get());
      }
      assertThat(tier.status().segmentsFreed()).isGreaterThan(20);
      assertThat(tier.status().quarantined()).isZero();
      NvmeTruth.assertAccountExact(directory, tier);
      NvmeTruth.assertAccountAgreesWithScan(tier);
    }
    try (NvmeTier tier = open(Clock.system())) {
      NvmeTruth.assertAccountExact(directory, tier);
      for (Map<Integer, Integer> ofThread : known) {
        ofThread.forEach((number, variant) -> {
          GetOutcome got = tier.get(ref(number), buffers::allocate);
          if (variant == 0) {
            assertThat(got).as("removed").isEqualTo(new GetOutcome.Absent());
          } else if (got instanceof GetOutcome.Hit(StoredBlock block)) {
            try (block) {
              assertThat(block.header().label()).isEqualTo((long) variant);
              assertIntact(block, number);
            }
          } else {
            assertThat(got).isEqualTo(new GetOutcome.Absent());
          }
        });
      }
    }
  }

  /** Each thread has keys of its own, and knows of each the variant it may find, 0 for none. */
  private Map<Integer, Integer> churn(NvmeTier tier, int first, SplittableRandom random) {
    Map<Integer, Integer> known = new HashMap<>();
    for (int step = 1; step <= 1_200; step++) {
      int number = first + random.nextInt(150);
      if (random.nextInt(4) == 0) {
        wanted.add(ref(number));
      }
      switch (random.nextInt(6)) {
        case 0 -> {
          assertThat(tier.remove(ref(number))).isTrue();
          known.put(number, 0);
        }
        case 1, 2 -> {
          GetOutcome got = tier.get(ref(number), buffers::allocate);
          if (got instanceof GetOutcome.Hit(StoredBlock block)) {
            try (block) {
              assertThat(block.header().label()).isEqualTo((long) known.getOrDefault(number, 0));
              assertIntact(block, number);
            }
          } else {
            assertThat(got).isEqualTo(new GetOutcome.Absent());
          }
        }
        default -> {
          evicted.remove(ref(number));
          int length = random.nextInt(20) == 0 ? 150_000 : random.nextInt(20_000);
          PutOutcome stored = put(tier, buffers::allocate, number, step, length, 9);
          if (stored instanceof PutOutcome.Stored) {
            known.put(number, step);
            evicted.remove(ref(number));
          } else {
            assertThat(stored).isEqualTo(new PutOutcome.AlreadyPresent());
          }
        }
      }
    }
    return known;
  }

  @Test
  void expiredBlocksAreDroppedWhenRoomIsNeededAndAtAStart() throws IOException {
    ManualTime time = new ManualTime();
    try (NvmeTier tier = open(time)) {
      wanted.add(ref(1));
      assertThat(putExpiring(tier, 1, time.wallMillis() + 1_000))
          .isEqualTo(new PutOutcome.Stored());
      assertThat(putExpiring(tier, 2, time.wallMillis() + 9_000))
          .isEqualTo(new PutOutcome.Stored());
    }
    time.advance(5_000);
    try (NvmeTier tier = open(time)) {
      assertThat(tier.get(ref(1), buffers::allocate)).isEqualTo(new GetOutcome.Absent());
      assertThat(tier.usage().blocks()).isEqualTo(1);
      time.advance(5_000);
      wanted.add(ref(2));
      for (int number = 10; !evicted.contains(ref(2)); number++) {
        assertThat(number).isLessThan(2_000);
        put(tier, buffers::allocate, number, 1, 9_000, 9);
      }
    }
  }

  private PutOutcome putExpiring(NvmeTier tier, int number, long expiresAtMillis) {
    BlockHeader plain = TestBlocks.header(number, 1, 500, 0);
    BlockHeader header =
        new BlockHeader(
            plain.key(),
            plain.namespace(),
            1,
            0,
            0,
            128,
            0,
            500,
            Crc32c.of(MemorySegment.ofArray(new byte[0])),
            plain.payloadCrc32c(),
            1,
            expiresAtMillis,
            0);
    Lease lease = Objects.requireNonNull(TestBlocks.filled(buffers::allocate, number, plain));
    try (StoredBlock block = StoredBlock.transfer(header, lease)) {
      return tier.put(block);
    }
  }

  @Test
  void aSmallerCapacityIsKeptFromTheNextPutOn() throws IOException {
    try (NvmeTier tier = open(Clock.system())) {
      for (int number = 0; number < 400; number++) {
        put(tier, buffers::allocate, number, 1, 8_000, 9);
      }
    }
    NvmeOptions smaller = NvmeOptions.of(CAPACITY / 4).withFsync(false);
    try (NvmeTier tier = NvmeTier.open(directory, smaller, Clock.system())) {
      assertThat(tier.usage().blocks()).isPositive();
      for (int number = 1_000; number < 1_100; number++) {
        assertThat(put(tier, buffers::allocate, number, 1, 8_000, 9))
            .isEqualTo(new PutOutcome.Stored());
        assertHit(tier.get(ref(number), buffers::allocate), number, 1);
      }
      NvmeTruth.assertAccountExact(directory, tier);
    }
  }

  @Test
  void aBlockThatFitsNoSegmentIsRefusedWithTheLimit() {
    try (NvmeTier tier = open(Clock.system())) {
      assertThat(put(tier, buffers::allocate, 1, 1, 300_000, 9))
          .isInstanceOfSatisfying(
              PutOutcome.Full.class, full -> assertThat(full.limit()).contains("segment"));
    }
  }
}
