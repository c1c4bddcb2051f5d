package io.kveik.server.tier;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kveik.server.block.BlockKey;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class KeyLockTableTest {
  private final KeyLockTable locks = new KeyLockTable();

  @Test
  void holdersOfManyKeysEachDoNotExcludeEachOtherUnlessTheyShareOne() throws Exception {
    CountDownLatch both = new CountDownLatch(2);
    Thread other =
        Thread.ofPlatform()
            .start(() -> {
              try (KeyLockTable.Held _ = locks.hold(keys(1_000, 1_000))) {
                meet(both);
              }
            });
    try (KeyLockTable.Held _ = locks.hold(keys(0, 1_000))) {
      meet(both);
    }
    other.join();
    assertThat(locks.size()).isZero();
  }

  @Test
  void whoeverWantsAKeyThatIsHeldWaitsForIt() throws Exception {
    AtomicInteger entered = new AtomicInteger();
    Thread waiting;
    try (KeyLockTable.Held _ = locks.hold(keys(0, 10))) {
      waiting =
          Thread.ofPlatform()
              .start(() -> {
                try (KeyLockTable.Held _ = locks.hold(TestBlocks.key(5))) {
                  entered.incrementAndGet();
                }
              });
      await().until(() -> waiting.getState() == Thread.State.WAITING);
      assertThat(entered).hasValue(0);
    }
    waiting.join();
    assertThat(entered).hasValue(1);
    assertThat(locks.size()).isZero();
  }

  @Test
  void threadsThatHoldManyKeysInAnyOrderNeverMeetAtOneNorWaitInACircle() throws Exception {
    long seed = TestBlocks.seed("KeyLockTableTest");
    int keys = 12;
    AtomicInteger[] inside =
        IntStream.range(0, keys).mapToObj(_ -> new AtomicInteger()).toArray(AtomicInteger[]::new);
    AtomicInteger clashes = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      SplittableRandom random = new SplittableRandom(seed + t);
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int i = 0; i < 2_000; i++) {
                  Set<Integer> wanted = random.ints(4, 0, keys).boxed().collect(toSet());
                  try (KeyLockTable.Held _ =
                      locks.hold(wanted.stream().map(TestBlocks::key).toList())) {
                    for (int key : wanted) {
                      clashes.addAndGet(inside[key].getAndIncrement());
                    }
                    LockSupport.parkNanos(1);
                    for (int key : wanted) {
                      inside[key].decrementAndGet();
                    }
                  }
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(clashes).hasValue(0);
    assertThat(locks.size()).isZero();
  }

  private static List<BlockKey> keys(long first, int count) {
    List<BlockKey> keys =
        new ArrayList<>(LongStream.range(first, first + count).mapToObj(TestBlocks::key).toList());
    Collections.shuffle(keys, new Random(first));
    return keys;
  }

  private static void meet(CountDownLatch both) {
    both.countDown();
    try {
      both.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
