package io.kveik.server.tier;

import static io.kveik.server.tier.TestBlocks.assertHit;
import static io.kveik.server.tier.TestBlocks.assertIntact;
import static io.kveik.server.tier.TestBlocks.put;
import static io.kveik.server.tier.TestBlocks.ref;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.TtlKind;
import io.kveik.server.memory.Lease;
import io.kveik.server.memory.Slab;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What every tier must do; each adapter's test extends it and runs against the real thing. */
public abstract class TierContract {
  private static final int MIB = 1 << 20;

  protected final Slab buffers = Slab.anonymous(96L * MIB);
  private Tier tier;

  /** An empty tier with room for at least 32 MiB of blocks. */
  protected abstract Tier openTier() throws IOException;

  /** What a body takes in the tier at least; less than its length where a codec is on. */
  protected long leastStoredBytes(long bodyBytes) {
    return bodyBytes;
  }

  /** Called after the tier has been closed: nothing may be left open. */
  protected void assertNothingLeaked() {}

  @BeforeEach
  void open() throws IOException {
    tier = openTier();
  }

  @AfterEach
  void close() {
    tier.close();
    assertThat(buffers.liveLeases()).isZero();
    assertNothingLeaked();
    buffers.close();
  }

  @Test
  void hasShortName() {
    assertThat(tier.name()).matches("[a-z][a-z0-9]{0,15}");
  }

  @Test
  void missesWhatWasNeverPut() {
    assertThat(tier.get(ref(1), buffers::allocate)).isEqualTo(new GetOutcome.Absent());
    assertThat(tier.find(ref(1))).isEqualTo(new FindOutcome.Absent());
    assertThat(tier.remove(ref(1))).isTrue();
    assertThat(scanned()).isEmpty();
    assertThat(tier.usage().blocks()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "1, 0",
    "1, 1",
    "0, 1",
    "0, 0",
    "4095, 0",
    "4096, 17",
    "100000, 300",
    "1228800, 64",
    "8388608, 512"
  })
  void returnsWhatWasPut(int payloadLength, int attributesLength) {
    assertThat(put(tier, buffers::allocate, 7, 1, payloadLength, attributesLength))
        .isEqualTo(new PutOutcome.Stored());
    assertHit(tier.get(ref(7), buffers::allocate), 7, 1);
    assertThat(tier.find(ref(7)))
        .isEqualTo(new FindOutcome.Found(TestBlocks.header(7, 1, payloadLength, attributesLength)));
  }

  @ParameterizedTest
  @EnumSource(TtlKind.class)
  void keepsTimesToLiveWithWhatTheyCountFrom(TtlKind kind) {
    // Blocks of 2023: one that ends by the clock would be over.
    long ttlMillis = kind == TtlKind.ABSOLUTE ? TimeUnit.DAYS.toMillis(36_500) : 1;
    BlockHeader header = TestBlocks.withTtl(TestBlocks.header(3, 1, 900, 9), kind, ttlMillis);
    try (StoredBlock block =
        StoredBlock.transfer(header, TestBlocks.filled(buffers::allocate, 3, header))) {
      assertThat(tier.put(block)).isEqualTo(new PutOutcome.Stored());
    }
    assertThat(tier.find(ref(3))).isEqualTo(new FindOutcome.Found(header));
    assertThat(scanned()).containsExactly(header);
    GetOutcome got = tier.get(ref(3), buffers::allocate);
    assertThat(got).isInstanceOf(GetOutcome.Hit.class);
    try (StoredBlock block = ((GetOutcome.Hit) got).block()) {
      assertThat(block.header()).isEqualTo(header);
    }
  }

  @Test
  void firstWriterWins() {
    assertThat(put(tier, buffers::allocate, 1, 1, 500, 10)).isEqualTo(new PutOutcome.Stored());
    assertThat(put(tier, buffers::allocate, 1, 2, 900, 20))
        .isEqualTo(new PutOutcome.AlreadyPresent());
    assertHit(tier.get(ref(1), buffers::allocate), 1, 1);
    assertThat(tier.usage().blocks()).isEqualTo(1);
  }

  @Test
  void oneOfManyWritersWins() throws Exception {
    int writers = 8;
    for (int round = 0; round < 20; round++) {
      int number = round;
      CyclicBarrier start = new CyclicBarrier(writers);
      List<Callable<PutOutcome>> tasks = new ArrayList<>();
      for (int writer = 0; writer < writers; writer++) {
        int variant = writer;
        tasks.add(() -> {
          start.await();
          return put(tier, buffers::allocate, number, variant, 20_000 + variant, variant);
        });
      }
      List<PutOutcome> outcomes = runAll(tasks);
      assertThat(outcomes)
          .containsOnlyOnce(new PutOutcome.Stored())
          .allMatch(o -> o instanceof PutOutcome.Stored || o instanceof PutOutcome.AlreadyPresent);
      assertHit(
          tier.get(ref(number), buffers::allocate),
          number,
          outcomes.indexOf(new PutOutcome.Stored()));
    }
    assertThat(tier.usage().blocks()).isEqualTo(20);
  }

  @Test
  void servesOnlyWholeBlocksWhileOthersPutAndRemove() throws Exception {
    long seed = TestBlocks.seed("churn");
    List<Callable<Integer>> tasks = new ArrayList<>();
    for (int worker = 0; worker < 4; worker++) {
      SplittableRandom random = new SplittableRandom(seed + worker);
      tasks.add(() -> {
        int hits = 0;
        for (int i = 0; i < 1_000; i++) {
          int number = random.nextInt(6);
          switch (random.nextInt(4)) {
            case 0 -> tier.remove(ref(number));
            case 1 -> {
              PutOutcome put =
                  put(
                      tier,
                      buffers::allocate,
                      number,
                      random.nextInt(100),
                      1 + random.nextInt(30_000),
                      random.nextInt(50));
              assertThat(put)
                  .isInstanceOfAny(PutOutcome.Stored.class, PutOutcome.AlreadyPresent.class);
            }
            default -> {
              GetOutcome got = tier.get(ref(number), buffers::allocate);
              if (got instanceof GetOutcome.Hit(StoredBlock block)) {
                try (block) {
                  assertIntact(block, number);
                }
                hits++;
              } else {
                assertThat(got).isEqualTo(new GetOutcome.Absent());
              }
            }
          }
        }
        return hits;
      });
    }
    assertThat(runAll(tasks)).allMatch(hits -> hits > 0);
    assertThat(tier.usage().blocks()).isEqualTo(scanned().size());
    for (BlockHeader header : scanned()) {
      tier.remove(header.ref());
    }
    assertThat(tier.usage().blocks()).isZero();
    assertThat(tier.usage().bytes()).isZero();
  }

  @Test
  void removesForGoodAndTakesTheKeyAgain() {
    put(tier, buffers::allocate, 1, 1, 100, 0);
    assertThat(tier.remove(ref(1))).isTrue();
    assertThat(tier.get(ref(1), buffers::allocate)).isEqualTo(new GetOutcome.Absent());
    assertThat(tier.find(ref(1))).isEqualTo(new FindOutcome.Absent());
    assertThat(tier.usage().blocks()).isZero();
    assertThat(tier.usage().bytes()).isZero();
    assertThat(put(tier, buffers::allocate, 1, 2, 200, 5)).isEqualTo(new PutOutcome.Stored());
    assertHit(tier.get(ref(1), buffers::allocate), 1, 2);
  }

  /** More than any tier removes at once, where it removes several. */
  @Test
  void removesManyForGoodAndNoOthers() {
    int blocks = tier instanceof BatchRemovingTier ? 300 : 30;
    for (int number = 0; number < blocks; number++) {
      put(tier, buffers::allocate, number, 1, 100, 0);
    }
    // With some twice, and some that are not there.
    List<BlockRef> some = new ArrayList<>();
    for (int number = 0; number < blocks + 100; number += 2) {
      some.add(ref(number));
      some.add(ref(number - number % 4));
    }
    removeAll(List.of());
    removeAll(some);
    for (int number = 0; number < blocks; number++) {
      GetOutcome got = tier.get(ref(number), buffers::allocate);
      if (number % 2 == 0) {
        assertThat(got).isEqualTo(new GetOutcome.Absent());
      } else {
        assertHit(got, number, 1);
      }
    }
    assertThat(tier.usage().blocks()).isEqualTo(blocks / 2);
    assertThat(put(tier, buffers::allocate, 0, 2, 100, 0)).isEqualTo(new PutOutcome.Stored());
    assertHit(tier.get(ref(0), buffers::allocate), 0, 2);
  }

  private void removeAll(List<BlockRef> refs) {
    if (tier instanceof BatchRemovingTier together) {
      assertThat(together.removeAll(refs)).isEmpty();
    } else {
      refs.forEach(ref -> assertThat(tier.remove(ref)).isTrue());
    }
  }

  @Test
  void hitOutlivesRemove() {
    put(tier, buffers::allocate, 1, 1, 10_000, 0);
    GetOutcome got = tier.get(ref(1), buffers::allocate);
    tier.remove(ref(1));
    put(tier, buffers::allocate, 1, 2, 10_000, 0);
    assertHit(got, 1, 1);
  }

  @Test
  void scanTellsEachBlockOnce() {
    Set<BlockHeader> expected = new HashSet<>();
    for (int number = 0; number < 50; number++) {
      put(tier, buffers::allocate, number, 1, 10 + number, number);
      expected.add(TestBlocks.header(number, 1, 10 + number, number));
    }
    assertThat(scanned()).containsExactlyInAnyOrderElementsOf(expected);
    assertThat(tier.usage().blocks()).isEqualTo(50);
  }

  @Test
  void scanMayRemoveAndEndsWithItsVisitor() {
    for (int number = 0; number < 20; number++) {
      put(tier, buffers::allocate, number, 1, 10, 0);
    }
    IllegalStateException enough = new IllegalStateException("enough");
    List<BlockKey> seen = new ArrayList<>();
    assertThatThrownBy(() ->
            tier.scan(header -> {
              seen.add(header.key());
              if (seen.size() == 3) {
                throw enough;
              }
            }))
        .isSameAs(enough);
    assertThat(seen).hasSize(3);
    assertThat(tier.scan(header -> tier.remove(header.ref()))).isTrue();
    assertThat(tier.usage().blocks()).isZero();
  }

  @Test
  void refusesBytesThatDoNotMatchTheirChecksum() {
    BlockHeader header = TestBlocks.header(1, 1, 1000, 10);
    for (int offset : new int[] {0, 999, 1000, 1009}) {
      Lease lease = TestBlocks.filled(buffers::allocate, 1, header);

      byte was = lease.segment().get(JAVA_BYTE, offset);
      lease.segment().set(JAVA_BYTE, offset, (byte) (was ^ 1));
      try (StoredBlock block = StoredBlock.transfer(header, lease)) {
        assertThat(tier.put(block)).isInstanceOf(PutOutcome.Failed.class);
      }
    }
    assertThat(tier.find(ref(1))).isEqualTo(new FindOutcome.Absent());
    assertThat(tier.usage().bytes()).isZero();
  }

  @Test
  void withoutABufferTheBlockStays() {
    put(tier, buffers::allocate, 1, 1, 5_000, 5);
    switch (tier.get(ref(1), bytes -> null)) {
      case GetOutcome.Hit(StoredBlock block) -> block.close();
      case GetOutcome.NoBuffer _ -> {}
      case GetOutcome other -> throw new AssertionError(other);
    }
    assertHit(tier.get(ref(1), buffers::allocate), 1, 1);
  }

  @Test
  void usageGrowsByAtLeastTheBytesStored() {
    for (int number = 1; number <= 10; number++) {
      long before = tier.usage().bytes();
      put(tier, buffers::allocate, number, 1, 50_000, 100);
      assertThat(tier.usage().bytes() - before)
          .isBetween(leastStoredBytes(50_100), 50_100L + 8_192);
    }
    assertThat(tier.usage().capacityBytes()).isPositive();
  }

  @Test
  void answersWithOutcomesOnceClosed() {
    put(tier, buffers::allocate, 1, 1, 100, 0);
    tier.close();
    tier.close();
    assertThat(put(tier, buffers::allocate, 2, 1, 100, 0)).isInstanceOf(PutOutcome.Failed.class);
    assertThat(tier.get(ref(1), buffers::allocate))
        .isInstanceOfAny(GetOutcome.Absent.class, GetOutcome.Failed.class);
    assertThat(tier.find(ref(1)))
        .isInstanceOfAny(FindOutcome.Absent.class, FindOutcome.Failed.class);
    tier.remove(ref(1));
    tier.scan(header -> {});
    tier.usage();
  }

  protected final Tier tier() {
    return tier;
  }

  private List<BlockHeader> scanned() {
    List<BlockHeader> headers = new ArrayList<>();
    assertThat(tier.scan(headers::add)).isTrue();
    return headers;
  }

  private static <T> List<T> runAll(List<Callable<T>> tasks) throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(tasks.size())) {
      List<T> results = new ArrayList<>();
      for (Future<T> future : threads.invokeAll(tasks)) {
        results.add(future.get());
      }
      return results;
    }
  }
}
