package io.kveik.server.tier.object.presence;

import static io.kveik.server.tier.object.presence.Cluster.NAMESPACE;
import static io.kveik.server.tier.object.presence.Cluster.OPTIONS;
import static io.kveik.server.tier.object.presence.Cluster.REBUILD_MILLIS;
import static io.kveik.server.tier.object.presence.Cluster.REFRESH_MILLIS;
import static io.kveik.server.tier.object.presence.Cluster.block;
import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.block.BlockRef;
import io.kveik.server.tier.object.BlobFailure;
import io.kveik.server.tier.object.MemoryBlobStore;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PresenceDigestsTest {
  private static final MemoryBlobStore.Faults DOWN =
      _ ->
          new MemoryBlobStore.Fault(
              new BlobFailure(BlobFailure.Kind.UNAVAILABLE, 0, "told to"), false);

  private final Cluster cluster = new Cluster();

  @AfterEach
  void close() {
    cluster.close();
  }

  @Test
  void whatIsNowhereIsKnownToBeNowhereWithoutACall() {
    PresenceDigests server = started();
    long calls = cluster.store.calls();

    for (int i = 0; i < 1_000; i++) {
      assertThat(server.mayHold(block(i))).isFalse();
    }

    assertThat(cluster.store.calls()).isEqualTo(calls);
  }

  @Test
  void ownBlocksAreKnownAtOnceAndStayKnown() {
    PresenceDigests server = started();

    for (int round = 0; round < 50; round++) {
      for (int i = 0; i < 100; i++) {
        BlockRef block = block(100L * round + i);
        cluster.put(server, block);
        assertThat(server.mayHold(block)).isTrue();
      }
      cluster.time.advance(REFRESH_MILLIS);
    }

    for (int i = 0; i < 5_000; i++) {
      assertThat(server.mayHold(block(i))).isTrue();
    }
  }

  @Test
  void blocksOfOthersAreLearned() {
    PresenceDigests a = started();
    PresenceDigests b = started();
    for (int i = 0; i < 100; i++) {
      cluster.put(a, block(i));
      assertThat(b.mayHold(block(i))).isFalse();
    }

    cluster.settle();

    for (int i = 0; i < 100; i++) {
      assertThat(b.mayHold(block(i))).isTrue();
    }
    assertThat(b.mayHold(block(1_000))).isFalse();
  }

  @Test
  void whileNothingIsLearnedAnyBlockMayBeThere() {
    cluster.store.setFaults(DOWN);
    PresenceDigests server = cluster.start();
    assertThat(server.mayHold(block(1))).isTrue();
    assertThat(server.counters().blind.sum()).isEqualTo(1);

    cluster.store.setFaults(MemoryBlobStore.Faults.NONE);
    cluster.time.advance(REBUILD_MILLIS);
    cluster.settle();

    assertThat(server.mayHold(block(1))).isFalse();
    assertThat(server.status().incomplete()).isZero();
  }

  @Test
  void aContainerWithoutDigestsIsListedOnceByOneServer() {
    for (int i = 0; i < 3_000; i++) {
      cluster.blob(block(i));
    }

    List<PresenceDigests> servers = List.of(started(), started(), started());

    assertThat(servers.stream().mapToLong(one -> one.counters().rebuilds.sum()).sum()).isOne();
    for (PresenceDigests server : servers) {
      for (int i = 0; i < 3_000; i++) {
        assertThat(server.mayHold(block(i))).isTrue();
      }
      assertThat(server.mayHold(block(9_999))).isFalse();
    }
  }

  @Test
  void aCorruptSegmentIsNoticedAndRebuilt() {
    PresenceDigests a = started();
    cluster.put(a, block(1));
    cluster.settle();
    String delta =
        cluster.segments().stream()
            .filter(path -> path.endsWith(".delta"))
            .findFirst()
            .orElseThrow();
    cluster.rot(delta, -1, 0);

    PresenceDigests b = started();
    assertThat(b.counters().corrupt.sum()).isPositive();
    assertThat(b.mayHold(block(1))).isTrue();
    assertThat(b.mayHold(block(2))).as("may be in the corrupt segment").isTrue();

    cluster.time.advance(REBUILD_MILLIS);
    cluster.settle();

    assertThat(b.counters().rebuilds.sum() + a.counters().rebuilds.sum()).isEqualTo(2);
    assertThat(cluster.segments()).doesNotContain(delta);
    for (PresenceDigests server : List.of(a, b)) {
      assertThat(server.mayHold(block(1))).isTrue();
      assertThat(server.mayHold(block(2))).isFalse();
    }
  }

  @Test
  void aRemovedBlockIsGoneUntilSomebodyStoresItAgain() {
    PresenceDigests a = started();
    PresenceDigests b = started();
    cluster.put(a, block(1));
    cluster.settle();
    a.removed(block(1));
    assertThat(a.mayHold(block(1))).isFalse();
    cluster.settle();
    assertThat(a.mayHold(block(1))).isFalse();

    cluster.put(b, block(1));
    assertThat(b.mayHold(block(1))).isTrue();
    cluster.settle();
    assertThat(a.mayHold(block(1))).isTrue();
  }

  @Test
  void aFalsePositiveIsAskedForOnce() {
    PresenceDigests a = started();
    PresenceDigests b = started();
    cluster.put(a, block(1));
    cluster.settle();
    long asOf = b.now(NAMESPACE);
    b.absent(block(1), asOf);
    assertThat(b.mayHold(block(1))).isFalse();
    assertThat(b.counters().falsePositives.sum()).isOne();
  }

  @Test
  void whatWasLearnedWhileTheStoreWasAskedOutlivesTheAnswer() {
    PresenceDigests a = started();
    PresenceDigests b = started();
    long asOf = b.now(NAMESPACE);
    cluster.put(a, block(1));
    cluster.settle();

    b.absent(block(1), asOf);

    assertThat(b.mayHold(block(1))).isTrue();
  }

  @Test
  void whatCouldNotBePublishedIsPublishedLater() {
    PresenceDigests a = started();
    PresenceDigests b = started();
    cluster.store.setFaults(DOWN);
    for (int i = 0; i < 20; i++) {
      cluster.put(a, block(i));
      cluster.time.advance(REFRESH_MILLIS);
    }
    assertThat(b.mayHold(block(0))).isFalse();

    cluster.store.setFaults(MemoryBlobStore.Faults.NONE);
    cluster.settle();

    for (int i = 0; i < 20; i++) {
      assertThat(b.mayHold(block(i))).isTrue();
    }
  }

  @Test
  void aPutThatSeemedToFailIsToldOfWhenItShowsThatItDidNot() {
    PresenceDigests a = started();
    PresenceDigests b = started();
    cluster.blob(block(1));
    a.present(block(1));
    cluster.settle();

    assertThat(b.mayHold(block(1))).isTrue();
  }

  @Test
  void segmentsAreMergedSoThatFewAreLeftAndLittleIsPublished() {
    PresenceDigests a = started();
    int rounds = 500;
    int blocksPerRound = 200;
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < blocksPerRound; i++) {
        cluster.put(a, block((long) blocksPerRound * round + i));
      }
      cluster.time.advance(REFRESH_MILLIS);
    }
    cluster.settle();
    double published = a.counters().publishedBytes.sum() / (double) (rounds * blocksPerRound);
    System.out.printf(
        "%d rounds of %d blocks: %d segments, %.1f bytes published per block%n",
        rounds, blocksPerRound, cluster.segments().size(), published);

    assertThat(cluster.segments()).hasSizeLessThanOrEqualTo(12);
    assertThat(published).isLessThan(20);
    PresenceDigests b = started();
    for (int i = 0; i < rounds * blocksPerRound; i++) {
      assertThat(b.mayHold(block(i))).isTrue();
    }
  }

  @Test
  void tooManySegmentsEndInOneBase() {
    for (int server = 0; server < OPTIONS.segments() + 5; server++) {
      PresenceDigests one = started();
      cluster.put(one, block(server));
      cluster.time.advance(REFRESH_MILLIS);
    }
    cluster.time.advance(2 * REBUILD_MILLIS);
    cluster.settle();

    assertThat(cluster.segments()).hasSizeLessThan(OPTIONS.segments());
    assertThat(cluster.segments()).filteredOn(path -> path.endsWith(".base")).hasSize(1);
    PresenceDigests late = started();
    for (int server = 0; server < OPTIONS.segments() + 5; server++) {
      assertThat(late.mayHold(block(server))).isTrue();
    }
  }

  @Test
  void whatMemoryHasNoRoomForMayBeThere() {
    PresenceDigests a = started();
    for (int i = 0; i < 10_000; i++) {
      cluster.put(a, block(i));
    }
    cluster.settle();
    PresenceDigests small = cluster.start(withLearnedBytes(4_096));
    small.mayHold(block(0));
    cluster.settle();

    assertThat(small.counters().segmentsRefused.sum()).isPositive();
    assertThat(small.status().bytes()).isLessThanOrEqualTo(4_096);
    for (int i = 0; i < 20_000; i += 100) {
      assertThat(small.mayHold(block(i))).isTrue();
    }
  }

  @Test
  void whatNobodyAsksForIsForgottenAndLearnedAnew() {
    PresenceDigests a = started();
    cluster.put(a, block(1));
    cluster.settle();
    cluster.time.advance(2 * OPTIONS.idleMillis());
    assertThat(a.status()).isEqualTo(PresenceStatus.NONE);
    long calls = cluster.store.calls();
    cluster.time.advance(10 * REFRESH_MILLIS);
    assertThat(cluster.store.calls()).isEqualTo(calls);

    a.mayHold(block(1));
    cluster.settle();

    assertThat(a.mayHold(block(1))).isTrue();
    assertThat(a.mayHold(block(2))).isFalse();
  }

  @Test
  void closingPublishesWhatIsLeft() {
    PresenceDigests a = started();
    PresenceDigests b = started();
    cluster.put(a, block(1));
    a.close();
    cluster.settle();

    assertThat(b.mayHold(block(1))).isTrue();
  }

  /** A server that has heard of the container, long enough ago to have learned it. */
  private PresenceDigests started() {
    PresenceDigests server = cluster.start();
    server.mayHold(block(-1));
    cluster.settle();
    return server;
  }

  private static PresenceOptions withLearnedBytes(long bytes) {
    return new PresenceOptions(
        OPTIONS.refreshMillis(),
        OPTIONS.callMillis(),
        OPTIONS.containers(),
        OPTIONS.idleMillis(),
        OPTIONS.segments(),
        bytes,
        OPTIONS.transferBytes(),
        OPTIONS.freshBlocks(),
        OPTIONS.goneBlocks(),
        OPTIONS.rebuildMillis(),
        OPTIONS.rebuildBlobsPerSecond());
  }
}
