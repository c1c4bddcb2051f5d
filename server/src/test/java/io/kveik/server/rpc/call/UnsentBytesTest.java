package io.kveik.server.rpc.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.kveik.server.runtime.ManualTime;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Who may leave how much unread. */
class UnsentBytesTest {
  private static final long IDLE_NANOS = 60_000_000_000L;
  private final ManualTime time = new ManualTime();
  private final UnsentBytes unsent = new UnsentBytes(400, time);

  private UnsentBytes.Account connect(int port) {
    SocketAddress client = InetSocketAddress.createUnresolved("client", port);
    return Objects.requireNonNull(
        unsent.accountOf(
            unsent.transportReady(
                Attributes.newBuilder().set(Grpc.TRANSPORT_ATTR_REMOTE_ADDR, client).build())));
  }

  private List<SocketAddress> deaf() {
    List<SocketAddress> deaf = new ArrayList<>();
    unsent.forEachDeaf(IDLE_NANOS, deaf::add);
    return deaf;
  }

  @Test
  void oneConnectionGetsAQuarterAndAllOfThemTheLimit() {
    List<UnsentBytes.Account> greedy = new ArrayList<>();
    for (int port = 1; port <= 4; port++) {
      UnsentBytes.Account account = connect(port);
      assertThat(account.take(60)).isTrue();
      assertThat(account.take(40)).isTrue();
      assertThat(account.take(1)).isFalse();
      greedy.add(account);
    }
    UnsentBytes.Account modest = connect(5);
    assertThat(modest.take(50)).as("a first answer always fits").isTrue();
    assertThat(modest.take(1)).isFalse();
    greedy.getFirst().giveBack(100);
    assertThat(modest.take(1)).isTrue();
    assertThat(unsent.bytes()).isEqualTo(351);
    assertThat(unsent.refusedCount()).isEqualTo(5);
  }

  @Test
  void whoTakesNothingIsDeafWhoTakesSomethingIsNot() {
    UnsentBytes.Account deaf = connect(1);
    UnsentBytes.Account slow = connect(2);
    connect(3);
    time.advance(120_000);
    assertThat(deaf()).as("nobody has anything to take").isEmpty();
    deaf.take(60);
    slow.take(60);
    time.advance(40_000);
    slow.giveBack(10);
    time.advance(40_000);
    assertThat(deaf()).containsExactly(InetSocketAddress.createUnresolved("client", 1));
  }
}
