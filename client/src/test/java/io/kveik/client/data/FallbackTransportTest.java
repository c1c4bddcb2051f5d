package io.kveik.client.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The order of routes, their rests, and what goes on in the same call, on a clock of the test's.
 */
final class FallbackTransportTest {
  private static final Duration LIMIT = Duration.ofSeconds(40);
  private static final RandomGenerator FULL_RESTS = () -> 0;

  private final Scripted unix = new Scripted(TransportKind.UNIX);
  private final Scripted tcp = new Scripted(TransportKind.TCP);
  private final Scripted grpc = new Scripted(TransportKind.GRPC);
  private long nowNanos;

  private final FallbackTransport transport =
      new FallbackTransport(List.of(unix, tcp, grpc), () -> nowNanos, FULL_RESTS);

  @Test
  void theFirstThatWorksServes() throws Exception {
    load(3);
    assertThat(transport.lastUsed()).contains(TransportKind.UNIX);
    assertThat(tcp.asked + grpc.asked).isZero();
    unix.onOffer = false;
    load(3);
    assertThat(transport.lastUsed()).contains(TransportKind.TCP);
  }

  @Test
  void onlyWhatIsUnansweredGoesOn() throws Exception {
    unix.failure = TransportException.Code.UNAVAILABLE;
    unix.answersBeforeFailure = 2;
    tcp.failure = TransportException.Code.PROTOCOL;
    tcp.answersBeforeFailure = 1;
    load(5);
    assertThat(unix.asked).isEqualTo(5);
    assertThat(tcp.asked).isEqualTo(3);
    assertThat(grpc.asked).isEqualTo(2);
  }

  @Test
  void aLoadThatWasAnsweredBeforeTheFailureIsDone() throws Exception {
    unix.failure = TransportException.Code.UNAVAILABLE;
    unix.answersBeforeFailure = 5;
    load(5);
    assertThat(tcp.asked + grpc.asked).isZero();
  }

  @Test
  void whatFailedRestsTwiceAsLongEachTime() throws Exception {
    unix.failure = TransportException.Code.EXHAUSTED;
    load(1);
    assertThat(unix.calls).isEqualTo(1);
    for (long millis = 200; millis <= 25_600; millis *= 2) {
      int before = unix.calls;
      pass(millis - 1);
      load(1);
      assertThat(unix.calls).as("before %d ms", millis).isEqualTo(before);
      pass(1);
      load(1);
      assertThat(unix.calls).as("after %d ms", millis).isEqualTo(before + 1);
    }
    pass(30_000);
    unix.failure = null;
    load(1);
    assertThat(transport.lastUsed()).contains(TransportKind.UNIX);
    unix.failure = TransportException.Code.EXHAUSTED;
    load(1);
    int before = unix.calls;
    pass(200);
    load(1);
    assertThat(unix.calls).as("a route that served starts anew").isEqualTo(before + 1);
  }

  @Test
  void theLastRouteNeverRests() {
    for (Scripted route : List.of(unix, tcp, grpc)) {
      route.failure = TransportException.Code.UNAVAILABLE;
    }
    assertThatThrownBy(() -> load(1))
        .isInstanceOf(TransportException.class)
        .hasMessageContaining("GRPC")
        .cause()
        .satisfies(cause -> assertThat(cause.getSuppressed()).hasSize(1));
    grpc.failure = null;
    assertThat(catching(() -> load(1))).isNull();
    assertThat(unix.calls).isEqualTo(1);
  }

  @Test
  void aRouteHasToProveItselfBeforeItGetsAllTheTime() throws Exception {
    load(1);
    assertThat(unix.limit).isLessThanOrEqualTo(LIMIT.dividedBy(4));
    load(1);
    assertThat(unix.limit).isGreaterThan(LIMIT.dividedBy(2));
    unix.onOffer = false;
    tcp.onOffer = false;
    load(1);
    assertThat(grpc.limit).isGreaterThan(LIMIT.dividedBy(2));
  }

  @Test
  void anInterruptGoesToNoOtherRoute() {
    unix.failure = TransportException.Code.INTERRUPTED;
    assertThatThrownBy(() -> load(1))
        .isInstanceOfSatisfying(
            TransportException.class,
            e -> assertThat(e.code()).isEqualTo(TransportException.Code.INTERRUPTED));
    assertThat(tcp.calls + grpc.calls).isZero();
  }

  @Test
  void aMatchGoesToTheFirstRouteThatTakesIt() {
    assertThat(match()).as("nobody takes it").isEmpty();
    tcp.matches = true;
    assertThat(match()).contains("TCP");
    unix.matches = true;
    assertThat(match()).contains("UNIX");
    assertThat(transport.lastUsed()).as("is of loads and stores").isEmpty();
  }

  @Test
  void aMatchThatFailsIsLeftToTheNextRouteAndAtLastToGrpc() {
    unix.matches = true;
    tcp.matches = true;
    unix.failure = TransportException.Code.UNAVAILABLE;
    assertThat(match()).contains("TCP");
    unix.failure = null;
    int before = unix.calls;
    assertThat(match()).contains("TCP");
    assertThat(unix.calls).as("rests").isEqualTo(before);
    tcp.failure = TransportException.Code.PROTOCOL;
    assertThat(match()).isEmpty();
    assertThat(match()).isEmpty();
    pass(200);
    assertThat(match()).contains("UNIX");
    assertThat(grpc.calls).isZero();
  }

  @Test
  void whateverAMatchTakesGrpcHasTimeLeft() throws Exception {
    unix.matches = true;
    assertThat(match()).contains("UNIX");
    assertThat(unix.limit).isLessThanOrEqualTo(LIMIT.dividedBy(4));
    assertThat(match()).contains("UNIX");
    assertThat(unix.limit).isBetween(LIMIT.dividedBy(4), LIMIT.dividedBy(2));
  }

  @Test
  void anInterruptedMatchGoesToNoOtherRoute() {
    unix.matches = true;
    tcp.matches = true;
    unix.failure = TransportException.Code.INTERRUPTED;
    assertThat(match()).isEmpty();
    assertThat(tcp.calls + grpc.calls).isZero();
    unix.failure = null;
    assertThat(match()).as("no fault of the route's, so it does not rest").contains("UNIX");
  }

  @Test
  void closesItsRoutes() {
    transport.close();
    assertThat(List.of(unix, tcp, grpc)).allMatch(route -> route.closed);
    unix.failure = TransportException.Code.CLOSED;
    assertThatThrownBy(() -> load(1))
        .isInstanceOfSatisfying(
            TransportException.class,
            e -> assertThat(e.code()).isEqualTo(TransportException.Code.CLOSED));
    assertThat(tcp.calls + grpc.calls).isZero();
  }

  private void pass(long millis) {
    nowNanos += Duration.ofMillis(millis).toNanos();
  }

  private interface Action {
    void run() throws Exception;
  }

  private static @Nullable Exception catching(Action action) {
    try {
      action.run();
      return null;
    } catch (Exception e) {
      return e;
    }
  }

  /** Who has answered. */
  private Optional<String> match() {
    return transport
        .match(new byte[1], LIMIT)
        .map(answer -> new String(answer, StandardCharsets.UTF_8));
  }

  /** Loads so many blocks and checks that each is in its own target. */
  private void load(int blocks) throws TransportException {
    List<LoadItem> items =
        IntStream.range(0, blocks)
            .mapToObj(i -> LoadItem.whole(id(i), Arena.ofAuto().allocate(1)))
            .toList();
    List<LoadResult> results = transport.load(items, LIMIT);
    for (int i = 0; i < blocks; i++) {
      assertThat(results.get(i).found()).isTrue();
      assertThat(items.get(i).target().get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) (i + 1));
    }
  }

  private static byte[] id(int number) {
    byte[] id = new byte[16];
    id[0] = (byte) (number + 1);
    return id;
  }

  /** A route and its transport that do what the test says; a block is the first byte of its id. */
  private static final class Scripted implements FallbackTransport.Route, BlockTransport {
    private final TransportKind kind;
    private boolean onOffer = true;
    private boolean matches;
    private TransportException.@Nullable Code failure;
    private int answersBeforeFailure;
    private int calls;
    private int asked;
    private Duration limit = Duration.ZERO;
    private boolean closed;

    Scripted(TransportKind kind) {
      this.kind = kind;
    }

    @Override
    public TransportKind kind() {
      return kind;
    }

    @Override
    public Optional<BlockTransport> transport(Duration time) {
      return onOffer ? Optional.of(this) : Optional.empty();
    }

    @Override
    public boolean matches() {
      return matches;
    }

    @Override
    public Optional<byte[]> match(byte[] request, Duration deadline) throws TransportException {
      calls++;
      limit = deadline;
      if (failure != null) {
        throw new TransportException(failure, kind + " fails");
      }
      return Optional.of(kind.name().getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void failed() {
      assertThat(onOffer && failure == null).isFalse();
    }

    @Override
    public List<LoadResult> load(List<LoadItem> items, Duration deadline)
        throws TransportException {
      calls++;
      asked += items.size();
      limit = deadline;
      List<@Nullable LoadResult> results = new ArrayList<>();
      for (LoadItem item : items) {
        if (failure != null && results.size() >= answersBeforeFailure) {
          item.target().fill((byte) -1);
          results.add(null);
        } else {
          MemorySegment.copy(item.id(), 0, item.target(), ValueLayout.JAVA_BYTE, 0, 1);
          results.add(new LoadResult(LoadResult.Status.FOUND, 1, 1, 16, new byte[0]));
        }
      }
      if (failure != null) {
        throw new TransportException(failure, kind + " fails").withAnswered(results);
      }
      return List.copyOf(results);
    }

    @Override
    public List<StoreResult> store(List<StoreItem> items, Duration deadline) {
      throw new UnsupportedOperationException("loads only");
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}
