package io.kveik.server.tier.object.extent;

import static io.kveik.server.tier.object.extent.ExtentServers.ref;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockRef;
import io.kveik.server.tier.FindOutcome;
import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.PutOutcome;
import io.kveik.server.tier.StoredBlock;
import io.kveik.server.tier.TestBlocks;
import io.kveik.server.tier.object.Background;
import io.kveik.server.tier.object.BlobFailure;
import io.kveik.server.tier.object.MemoryBlobStore.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Extents between servers that share a store: what they cost, what they promise. */
class ExtentTierTest {
  private static final Fault DOWN =
      new Fault(new BlobFailure(BlobFailure.Kind.UNAVAILABLE, 0, "down"), false);
  private static final Fault ANSWER_LOST =
      new Fault(new BlobFailure(BlobFailure.Kind.UNAVAILABLE, 0, "answer lost"), true);
  private static final int MANY = 64;

  private final ExtentServers servers = new ExtentServers("ExtentTierTest");

  @AfterEach
  void close() {
    servers.close();
  }

  @Test
  void blocksThatArePutTogetherCostOneRequestAndEachReadOneRange() {
    ExtentTier a = servers.start();
    assertThat(servers.put(a, 0, MANY)).containsOnly(new PutOutcome.Stored());
    assertThat(servers.paths("x1/")).hasSize(1);
    assertThat(servers.paths("b1/")).isEmpty();
    servers.calls();
    for (int i = 0; i < MANY; i++) {
      servers.assertHit(a, i);
      assertThat(servers.calls()).containsExactly("getRange");
      assertThat(a.find(ref(i))).isInstanceOf(FindOutcome.Found.class);
      assertThat(servers.calls()).containsExactly("getRange");
    }
  }

  @Test
  void anotherServerLearnsAnExtentByOneFetchAndAsksForNothingThatIsNowhere() {
    ExtentTier a = servers.start();
    ExtentTier b = servers.start();
    servers.put(a, 0, MANY);
    servers.calls();
    servers.time.advance(1_000);
    assertThat(servers.calls()).filteredOn(call -> call.equals("getRange")).hasSize(1);
    for (int i = 0; i < MANY; i++) {
      assertThat(b.mayHold(ref(i))).isTrue();
      servers.assertHit(b, i);
    }
    servers.calls();
    // What is in no extent is the digests' to answer; the tier below has none here.
    assertThat(b.status().unlearned()).isZero();
    b.mayHold(ref(MANY));
    assertThat(servers.calls()).isEmpty();
  }

  @Test
  void theFirstWriterWinsWhicheverWayABlockWasPut() {
    ExtentTier a = servers.start();
    servers.put(a, 0, 2);
    assertThat(servers.put(a, 0, 1, 2, BlockHeader.NEVER_EXPIRES))
        .containsExactly(new PutOutcome.AlreadyPresent());
    assertThat(servers.put(a, 10, 1)).containsExactly(new PutOutcome.Stored());
    assertThat(servers.paths("b1/")).hasSize(1);
    assertThat(servers.put(a, 9, 3, 2, BlockHeader.NEVER_EXPIRES))
        .containsExactly(
            new PutOutcome.Stored(), new PutOutcome.AlreadyPresent(), new PutOutcome.Stored());
    assertThat(servers.variantOf(a, 0)).isEqualTo(1);
    assertThat(servers.variantOf(a, 9)).isEqualTo(2);
    assertThat(servers.variantOf(a, 10)).isEqualTo(1);
  }

  @Test
  void ofCopiesThatServersMadeAtTheSameTimeEachIsServedWholeAndAllAreRemoved() {
    ExtentTier a = servers.start();
    ExtentTier b = servers.start();
    servers.put(a, 0, 4, 1, BlockHeader.NEVER_EXPIRES);
    assertThat(servers.put(b, 2, 4, 2, BlockHeader.NEVER_EXPIRES))
        .containsOnly(new PutOutcome.Stored());
    servers.time.advance(1_000);
    assertThat(servers.variantOf(a, 2)).isIn(1L, 2L);
    assertThat(servers.variantOf(b, 3)).isIn(1L, 2L);
    assertThat(a.remove(ref(2))).isTrue();
    assertThat(b.remove(ref(3))).isTrue();
    for (ExtentTier server : List.of(a, b, servers.start())) {
      servers.assertAbsent(server, 2);
      servers.assertAbsent(server, 3);
      for (int other : new int[] {0, 1, 4, 5}) {
        servers.assertHit(server, other);
      }
    }
  }

  @Test
  void aRemovedBlockIsUnreadableEverywhereAtOnceAndAfterRestarts() {
    ExtentTier a = servers.start();
    ExtentTier b = servers.start();
    servers.put(a, 0, MANY);
    servers.time.advance(1_000);
    servers.assertHit(b, 7);
    assertThat(a.remove(ref(7))).isTrue();
    servers.assertAbsent(a, 7);
    servers.assertAbsent(b, 7);
    servers.assertHit(b, 8);
    ExtentTier restarted = servers.start();
    servers.assertAbsent(restarted, 7);
    servers.assertHit(restarted, 6);
    assertThat(servers.paths("x1/")).hasSize(1);
    assertThat(servers.put(b, 7, 1, 9, BlockHeader.NEVER_EXPIRES))
        .containsExactly(new PutOutcome.Stored());
    assertThat(servers.variantOf(a, 7)).isEqualTo(9);
  }

  @Test
  void aBlockThatAnotherServerHasJustStoredIsRemovedToo() {
    ExtentTier a = servers.start();
    ExtentTier b = servers.start();
    servers.put(b, 0, 4);
    assertThat(a.remove(ref(1))).isTrue();
    servers.assertAbsent(b, 1);
    servers.assertHit(b, 0);
  }

  @Test
  void removingAllBlocksCostsARewritingPerExtentAndLeavesAMarkThatGoesLater() {
    ExtentTier a = servers.start();
    ExtentTier b = servers.start();
    servers.put(a, 0, MANY);
    servers.time.advance(1_000);
    servers.calls();
    Set<BlockRef> all =
        IntStream.range(0, MANY).mapToObj(ExtentServers::ref).collect(Collectors.toSet());
    assertThat(a.removeAll(all)).isEmpty();
    List<String> calls = servers.calls();
    assertThat(calls).filteredOn(call -> call.equals("put")).hasSize(1);
    assertThat(calls.size()).isLessThan(MANY + 10);
    assertThat(a.usage().blocks()).isZero();
    assertThat(a.usage().bytes()).isZero();
    assertThat(servers.paths("x1/")).hasSize(1);
    servers.assertAbsent(b, 3);
    servers.time.advance(400_000);
    // Whoever lists all next takes the mark away.
    servers.start();
    assertThat(servers.paths("x1/")).isEmpty();
  }

  @Test
  void aRemovalThatTheStoreDoesNotLetThroughIsSaidToHaveFailedUntilItHasNot() {
    for (String broken : List.of("list", "get", "put", "delete")) {
      for (Fault how : List.of(DOWN, ANSWER_LOST)) {
        int first = (broken + how).hashCode() & 0xffff00;
        ExtentTier a = servers.start();
        servers.put(a, first, 4);
        servers.breakCalls(call -> call.equals(broken) ? how : null);
        boolean removed = a.remove(ref(first));
        servers.breakCalls(_ -> null);
        assertThat(removed).as(broken).isFalse();
        // Who was told that it failed asks again, after a restart or before.
        ExtentTier after = servers.start();
        assertThat(after.remove(ref(first))).as(broken).isTrue();
        for (ExtentTier server : List.of(a, after)) {
          servers.assertAbsent(server, first);
          servers.assertHit(server, first + 1);
        }
      }
    }
  }

  @Test
  void whatAServerThatDiedBetweenTwoGenerationsLeftIsTidiedAway() {
    ExtentTier a = servers.start();
    servers.put(a, 0, 4);
    // The next generation is there, but the one before it is not deleted.
    servers.breakCalls(call -> call.equals("delete") ? DOWN : null);
    a.remove(ref(0));
    servers.breakCalls(_ -> null);
    assertThat(servers.paths("x1/")).hasSize(2);
    ExtentTier b = servers.start();
    assertThat(servers.paths("x1/")).hasSize(1);
    servers.assertAbsent(b, 0);
    servers.assertAbsent(a, 0);
    servers.assertHit(a, 1);
  }

  @Test
  void nothingIsAcknowledgedThatIsNotStored() {
    ExtentTier a = servers.start();
    servers.breakCalls(call -> call.equals("put") ? DOWN : null);
    assertThat(servers.put(a, 0, 4)).allMatch(outcome -> outcome instanceof PutOutcome.Failed);
    servers.breakCalls(call -> call.equals("put") ? ANSWER_LOST : null);
    assertThat(servers.put(a, 0, 4)).allMatch(outcome -> outcome instanceof PutOutcome.Failed);
    servers.breakCalls(_ -> null);
    assertThat(a.usage().blocks()).isZero();
    assertThat(servers.put(a, 0, 4)).containsOnly(new PutOutcome.Stored());
    servers.assertHit(servers.start(), 3);
  }

  @Test
  void expiredBlocksGiveTheirSpaceBackOnceLessThanHalfLives() {
    ExtentTier a = servers.start();
    long expires = servers.time.wallMillis() + 10_000;
    List<StoredBlock> blocks = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      blocks.add(servers.block(i, 1, i < 6 ? expires : BlockHeader.NEVER_EXPIRES));
    }
    a.putAll(blocks);
    blocks.forEach(StoredBlock::close);
    long before = a.usage().bytes();
    servers.time.advance(9_000);
    assertThat(a.usage().bytes()).isEqualTo(before);
    servers.time.advance(3_000);
    assertThat(a.usage().blocks()).isEqualTo(4);
    assertThat(a.usage().bytes()).isEqualTo(recounted()).isLessThan(before / 2);
    servers.assertHit(a, 9);
    servers.assertAbsent(a, 0);
  }

  @Test
  void theAccountEqualsWhatIsInTheStore() {
    SplittableRandom random = new SplittableRandom(TestBlocks.seed("account of extents"));
    ExtentTier a = servers.start();
    for (int i = 0; i < 300; i++) {
      int first = random.nextInt(200);
      if (random.nextInt(3) == 0) {
        assertThat(a.remove(ref(first))).isTrue();
      } else {
        servers.put(a, first, 2 + random.nextInt(30));
      }
      assertThat(a.usage().bytes()).isEqualTo(recounted());
    }
    ExtentTier restarted = servers.start();
    assertThat(restarted.scan(header -> {})).isTrue();
    assertThat(restarted.usage()).isEqualTo(a.usage());
  }

  /** Blobs of blocks with their metadata, extents that have any. */
  private long recounted() {
    long alone =
        servers.paths("b1/").stream()
            .mapToLong(path -> servers.blob(path).body().length + 176L)
            .sum();
    long together =
        servers.paths("x1/").stream()
            .map(path -> servers.blob(path).body())
            .filter(body -> body[6] != 0 || body[7] != 0)
            .mapToLong(body -> body.length)
            .sum();
    return alone + together;
  }

  @Test
  void untilAllExtentsAreKnownABlockMayBeThereAndAMissIsNotCertain() {
    servers.put(servers.start(), 0, 4);
    // A server whose background never runs, and a store that does not list.
    Background never =
        new Background() {
          @Override
          public boolean tryExecute(Runnable task) {
            return false;
          }

          @Override
          public void pause(long millis) {}

          @Override
          public void close() {}
        };
    ExtentTier b =
        servers.start(TestExtents.options(2), new ExtentTier.Threads(never, TestExtents.inline()));
    servers.breakCalls(call -> call.equals("list") ? DOWN : null);
    assertThat(b.mayHold(ref(100))).isTrue();
    assertThat(b.find(ref(100))).isInstanceOf(FindOutcome.Failed.class);
    assertThat(b.get(ref(0), servers.buffers::allocate)).isInstanceOf(GetOutcome.Failed.class);
    assertThat(b.remove(ref(0))).isFalse();
    servers.breakCalls(_ -> null);
    servers.assertHit(b, 0);
    assertThat(b.find(ref(100))).isEqualTo(new FindOutcome.Absent());
  }

  @Test
  void extentsBeyondTheDirectorysRoomAreMissedButBlocksAreRemovedFromThem() {
    servers.put(servers.start(), 0, 8);
    ExtentOptions small = TestExtents.withDirectory(4);
    ExtentTier b = servers.start(small);
    servers.assertAbsent(b, 0);
    assertThat(b.counters().directoryRefused.sum()).isPositive();
    assertThat(b.remove(ref(0))).isTrue();
    ExtentTier c = servers.start();
    servers.assertAbsent(c, 0);
    servers.assertHit(c, 1);
    assertThat(servers.put(b, 20, 8)).containsOnly(new PutOutcome.Stored());
    assertThat(servers.paths("b1/")).hasSize(8);
  }

  @Test
  void blocksOfTwoNamespacesAreNeverPutTogether() {
    ExtentTier a = servers.start();
    try (StoredBlock one = servers.block(1, 1, BlockHeader.NEVER_EXPIRES);
        StoredBlock other = TestBlocks.block(servers.buffers::allocate, 2, 1, 100, 0)) {
      assertThatThrownBy(() -> a.putAll(List.of(one, other)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("must be of one namespace");
    }
    assertThat(servers.store.blobs()).isEmpty();
  }

  @Test
  void switchedOffItStillReadsAndRemovesWhatIsThere() {
    servers.put(servers.start(), 0, 4);
    ExtentTier off = servers.start(TestExtents.switchedOff());
    assertThat(off.batching()).isEmpty();
    servers.assertHit(off, 0);
    assertThat(off.remove(ref(0))).isTrue();
    servers.assertAbsent(off, 0);
  }
}
