package io.kveik.server.tier.object.presence;

import static io.kveik.server.tier.object.presence.Cluster.REBUILD_MILLIS;
import static io.kveik.server.tier.object.presence.Cluster.REFRESH_MILLIS;
import static io.kveik.server.tier.object.presence.Cluster.block;
import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.tier.object.BlobFailure;
import io.kveik.server.tier.object.MemoryBlobStore;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a server stored and did not live to tell of is found all the same. */
class StoringMarksTest {
  private final Cluster cluster = new Cluster();

  @AfterEach
  void close() {
    cluster.close();
  }

  @Test
  void aServerThatStartsAfterAKillAsksForWhatNobodyToldOf() {
    started(cluster.start());
    PresenceDigests killed = started(cluster.startAndKill());
    store(killed, 7);
    PresenceDigests next = cluster.start();
    assertThat(next.mayHold(block(7))).isTrue();
    cluster.time.advance(REFRESH_MILLIS);
    assertThat(next.status().incomplete()).isOne();
    assertThat(next.mayHold(block(7))).isTrue();
  }

  @Test
  void theNextBaseTellsOfItAndTheMarkIsGone() {
    PresenceDigests witness = started(cluster.start());
    PresenceDigests killed = started(cluster.startAndKill());
    store(killed, 7);
    assertThat(witness.mayHold(block(7))).as("a live server would tell soon").isFalse();
    cluster.time.advance(20 * REFRESH_MILLIS);
    assertThat(witness.mayHold(block(7))).isTrue();
    cluster.time.advance(2 * REBUILD_MILLIS);
    assertThat(cluster.marks()).isEmpty();
    assertThat(witness.status().incomplete()).isZero();
    assertThat(witness.mayHold(block(7))).isTrue();
    assertThat(witness.mayHold(block(8))).isFalse();
  }

  @Test
  void marksOfServersThatLiveComeAndGoAndMakeNobodyAskOrList() {
    PresenceDigests a = started(cluster.start());
    PresenceDigests b = started(cluster.start());
    long rebuilds = cluster.rebuilds();
    for (int i = 0; i < 50; i++) {
      store(a, i);
      assertThat(cluster.marks()).isNotEmpty();
      cluster.time.advance(REFRESH_MILLIS);
      assertThat(b.status().incomplete()).isZero();
    }
    cluster.settle();
    assertThat(cluster.marks()).isEmpty();
    assertThat(cluster.rebuilds()).isEqualTo(rebuilds);
    for (int i = 0; i < 50; i++) {
      assertThat(b.mayHold(block(i))).isTrue();
    }
  }

  @Test
  void theMarkStaysUntilWhatWasBeingStoredHasBeenToldOf() {
    PresenceDigests server = started(cluster.start());
    PresenceDigests.Storing slow = Objects.requireNonNull(server.storing(block(1)));
    cluster.settle();
    assertThat(cluster.marks()).hasSize(1);
    // What comes meanwhile goes under marks of its own.
    store(server, 2);
    assertThat(cluster.marks()).hasSize(2);
    cluster.settle();
    server.stored(block(1));
    slow.close();
    cluster.settle();
    assertThat(cluster.marks()).isEmpty();
    assertThat(started(cluster.start()).mayHold(block(1))).isTrue();
  }

  @Test
  void aServerThatStopsLeavesNoMark() {
    PresenceDigests server = started(cluster.start());
    PresenceDigests.Storing slow = Objects.requireNonNull(server.storing(block(1)));
    cluster.settle();
    store(server, 2);
    server.stored(block(1));
    slow.close();
    server.close();
    assertThat(cluster.marks()).isEmpty();
  }

  @Test
  void nothingIsStoredUnderAMarkThatTheStoreDidNotTake() {
    PresenceDigests server = started(cluster.start());
    cluster.store.setFaults(call ->
        call.equals("put")
            ? new MemoryBlobStore.Fault(
                new BlobFailure(BlobFailure.Kind.UNAVAILABLE, 0, "told to"), false)
            : null);
    assertThat(server.storing(block(1))).isNull();
    cluster.store.setFaults(MemoryBlobStore.Faults.NONE);
    store(server, 1);
    assertThat(server.mayHold(block(1))).isTrue();
  }

  private void store(PresenceDigests server, long number) {
    try (PresenceDigests.Storing _ = server.storing(block(number))) {
      cluster.put(server, block(number));
    }
  }

  /** Once it knows all of the container. */
  private PresenceDigests started(PresenceDigests server) {
    server.mayHold(block(-1));
    cluster.settle();
    cluster.settle();
    return server;
  }
}
