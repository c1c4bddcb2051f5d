package io.kveik.client;

import static io.kveik.client.Chain.SCOPE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Reading many blocks over one stream. */
@Timeout(60)
final class ReadAllTest {
  private final StoreServer server = StoreServer.start();
  private final KveikClient client = server.connect();

  @AfterEach
  void close() {
    assertThat(client.openBlocks()).isZero();
    client.close();
    server.close();
  }

  @Test
  void blocksComeInTheOrderOfTheRequestInTheCallersThread() {
    Chain chain = Chain.random(21, 60, 70_000);
    List<BlockRef> stored = chain.store(client);
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<Integer> wanted = new ArrayList<>(random.ints(200, 0, 60).boxed().toList());
    List<BlockRef> refs = new ArrayList<>(wanted.stream().map(stored::get).toList());
    refs.set(17, new BlockRef(4, "nowhere"));
    AtomicInteger next = new AtomicInteger();
    Thread caller = Thread.currentThread();

    client.readAll(
        SCOPE,
        refs,
        (index, block) -> {
          assertThat(index).as("seed %d", seed).isEqualTo(next.getAndIncrement());
          assertThat(Thread.currentThread()).isSameAs(caller);
          if (index == 17) {
            assertThat(block).isEmpty();
          } else {
            assertThat(block.orElseThrow().wrapBuffer())
                .as("seed %d, index %d", seed, index)
                .isEqualTo(chain.payload(wanted.get(index)));
          }
        });
    assertThat(next).hasValue(200);
  }

  @Test
  void noMoreBlocksAreAskedForThanTheOptionsAllow() {
    List<BlockRef> refs =
        Collections.nCopies(100, Chain.random(22, 1, 1_000).store(client).getFirst());
    try (KveikClient bounded =
        KveikClient.connect(server.options().maxOutstandingReads(8).build())) {
      AtomicInteger most = new AtomicInteger();
      bounded.readAll(
          SCOPE, refs, (index, block) -> most.accumulateAndGet(ahead(bounded, index), Math::max));
      assertThat(most).hasValue(8);
    }
  }

  @Test
  void noMoreBytesAreAskedForThanTheOptionsAllow() {
    List<BlockRef> refs =
        Collections.nCopies(50, Chain.random(23, 1, 10_000).store(client).getFirst());
    try (KveikClient bounded =
        KveikClient.connect(server.options().maxOutstandingBytes(25_000).build())) {
      List<Integer> ahead = new ArrayList<>();
      bounded.readAll(SCOPE, refs, (index, block) -> ahead.add(ahead(bounded, index)));
      // Four go out before the size of a block is known.
      assertThat(ahead.subList(0, 2)).containsExactly(3, 2);
      assertThat(ahead.subList(2, 48)).containsOnly(2);
    }
  }

  @Test
  void streamThatBreaksGoesOnWhereItWas() {
    Chain chain = Chain.random(24, 10, 5_000);
    List<BlockRef> refs = chain.store(client);
    server.store.breakStreamsAfter.addAll(List.of(4, 3));
    List<Integer> seen = new ArrayList<>();
    client.readAll(
        SCOPE,
        refs,
        (index, block) -> {
          seen.add(index);
          assertThat(block.orElseThrow().wrapBuffer()).isEqualTo(chain.payload(index));
        });
    assertThat(seen).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    assertThat(client.retries()).isEqualTo(2);
  }

  @Test
  void streamThatKeepsBreakingFails() {
    List<BlockRef> refs = Chain.random(25, 3, 100).store(client);
    server.store.breakStreamsAfter.addAll(List.of(0, 0, 0));
    assertThatThrownBy(() -> client.readAll(SCOPE, refs, (index, block) -> {}))
        .isInstanceOf(KveikException.class)
        .hasMessage(
            "read of 3 blocks in account/kv/model failed after 3 attempts:"
                + " UNAVAILABLE: stream 7 breaks");
  }

  @Test
  void silentServerCostsTheDeadlineAndNoMore() {
    List<BlockRef> refs = Chain.random(26, 5, 100).store(client);
    server.store.muteAfter = 2;
    List<Integer> seen = new ArrayList<>();
    try (KveikClient hasty =
        KveikClient.connect(server.options().readAllDeadline(Duration.ofMillis(300)).build())) {
      assertThatThrownBy(() -> hasty.readAll(SCOPE, refs, (index, block) -> seen.add(index)))
          .isInstanceOf(KveikException.class)
          .extracting(e -> ((KveikException) e).code())
          .isEqualTo(KveikException.Code.DEADLINE_EXCEEDED);
      assertThat(hasty.retries()).isZero();
    }
    assertThat(seen).containsExactly(0, 1);
  }

  @Test
  void failureMayBeMissesForAllThatIsStillToCome() {
    List<BlockRef> refs = Chain.random(27, 5, 100).store(client);
    server.store.muteAfter = 2;
    List<Boolean> hits = new ArrayList<>();
    try (KveikClient lenient =
        KveikClient.connect(
            server.options().readAllDeadline(Duration.ofMillis(300)).missOnFailure(true).build())) {
      lenient.readAll(SCOPE, refs, (index, block) -> hits.add(block.isPresent()));
      assertThat(lenient.failuresAsMisses()).isEqualTo(1);
    }
    assertThat(hits).containsExactly(true, true, false, false, false);
  }

  @Test
  void refusedBlockEndsTheReadOrIsAMiss() {
    BlockRef good = Chain.random(28, 1, 100).store(client).getFirst();
    List<BlockRef> refs = List.of(good, new BlockRef(1, "refused"), good);
    assertThatThrownBy(() -> client.readAll(SCOPE, refs, (index, block) -> {}))
        .isInstanceOf(KveikException.class)
        .hasMessageContaining("at refused")
        .hasMessageEndingWith("tier on fire");
    List<Boolean> hits = new ArrayList<>();
    try (KveikClient lenient = KveikClient.connect(server.options().missOnFailure(true).build())) {
      lenient.readAll(SCOPE, refs, (index, block) -> hits.add(block.isPresent()));
      assertThat(lenient.failuresAsMisses()).isEqualTo(1);
    }
    assertThat(hits).containsExactly(true, false, true);
  }

  @Test
  void consumersOwnExceptionEndsTheReadAsItIs() {
    List<BlockRef> refs = Chain.random(29, 8, 100).store(client);
    IllegalStateException own = new IllegalStateException("enough");
    AtomicInteger delivered = new AtomicInteger();
    assertThatThrownBy(() ->
            client.readAll(
                SCOPE,
                refs,
                (index, block) -> {
                  if (delivered.incrementAndGet() == 3) {
                    throw own;
                  }
                }))
        .isSameAs(own);
    assertThat(delivered).hasValue(3);
  }

  @Test
  void blockIsClosedWhenTheConsumerReturns() {
    List<BlockRef> refs = Chain.random(30, 2, 100).store(client);
    List<Optional<Block>> kept = new ArrayList<>();
    client.readAll(SCOPE, refs, (index, block) -> kept.add(block));
    assertThatThrownBy(() -> kept.getFirst().orElseThrow().copyOf())
        .isInstanceOf(IllegalStateException.class);
  }

  /**
   * How many requests beyond {@code index} have reached the server. The lookup goes over the same
   * connection from the same thread, so whatever was sent before has arrived when it answers.
   */
  private int ahead(KveikClient through, int index) {
    through.lookup(SCOPE, new long[1]);
    return server.store.streamRequests.get() - (index + 1);
  }
}
