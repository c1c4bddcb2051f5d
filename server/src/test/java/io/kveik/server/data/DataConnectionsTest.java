package io.kveik.server.data;

import static io.kveik.server.data.DataItems.bytes;
import static io.kveik.server.data.DataItems.id;
import static io.kveik.server.data.DataItems.room;
import static io.kveik.server.data.DataItems.store;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.kveik.client.data.BlockTransport;
import io.kveik.client.data.LoadItem;
import io.kveik.client.data.LoadResult;
import io.kveik.client.data.SocketTransport;
import io.kveik.client.data.SocketTransportOptions;
import io.kveik.client.data.TransportException;
import io.kveik.server.tier.TestBlocks;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The data port's connections: their tickets, who shares them, how they end and come back. */
@Timeout(60)
final class DataConnectionsTest {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  @TempDir Path directory;

  @Test
  void aTicketThatHasExpiredIsRenewedOnce() throws Exception {
    try (DataFixture fixture = DataFixture.start(directory)) {
      byte[] wrong = new byte[32];
      try (SocketTransport transport =
              SocketTransport.unix(
                  fixture.socket(),
                  SocketTransportOptions.defaults(),
                  (refused, _) -> refused ? fixture.ticket() : wrong);
          SocketTransport hopeless =
              SocketTransport.unix(
                  fixture.socket(), SocketTransportOptions.defaults(), (_, _) -> wrong)) {
        assertThat(transport.store(List.of(store(1, 100)), LIMIT).getFirst().inStore()).isTrue();
        assertThatThrownBy(() -> hopeless.store(List.of(store(1, 100)), LIMIT))
            .isInstanceOfSatisfying(
                TransportException.class,
                e -> assertThat(e.code()).isEqualTo(TransportException.Code.DENIED));
      }
      assertThat(fixture.server().status().ticketsRefused()).isEqualTo(3);
    }
  }

  @Test
  void connectionsAreSharedByMoreThreadsThanThereAre() throws Exception {
    try (DataFixture fixture = DataFixture.start(directory);
        BlockTransport transport =
            fixture.tcp(SocketTransportOptions.defaults().withConnections(3));
        ExecutorService threads = Executors.newFixedThreadPool(12)) {
      transport.store(List.of(store(1, 50_000), store(2, 60_000)), LIMIT);
      List<CompletableFuture<Void>> all = new ArrayList<>();
      for (int t = 0; t < 12; t++) {
        int number = 1 + t % 2;
        all.add(
            CompletableFuture.runAsync(
                () -> {
                  for (int i = 0; i < 100; i++) {
                    MemorySegment target = room(60_000);
                    try {
                      LoadResult result =
                          transport
                              .load(List.of(LoadItem.whole(id(number), target)), LIMIT)
                              .getFirst();
                      assertThat(bytes(target, result.bytes()))
                          .isEqualTo(TestBlocks.body(number, 0, 40_000 + 10_000 * number));
                    } catch (TransportException e) {
                      throw new AssertionError(e);
                    }
                  }
                },
                threads));
      }
      CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get(30, TimeUnit.SECONDS);
      assertThat(fixture.server().status().connections()).isLessThanOrEqualTo(3);
    }
  }

  @Test
  void aServerThatHasBeenRestartedIsReachedAgain() throws Exception {
    try (DataFixture first = DataFixture.start(directory)) {
      Path socket = first.socket();
      AtomicReference<DataFixture> now = new AtomicReference<>(first);
      try (SocketTransport transport =
          SocketTransport.unix(
              socket, SocketTransportOptions.defaults(), (_, _) -> now.get().ticket())) {
        transport.store(List.of(store(1, 100)), LIMIT);
        first.server().close();
        assertThatThrownBy(() -> transport.store(List.of(store(1, 100)), LIMIT))
            .isInstanceOfSatisfying(
                TransportException.class,
                e -> assertThat(e.code()).isEqualTo(TransportException.Code.UNAVAILABLE));
        try (DataFixture second = DataFixture.start(directory)) {
          now.set(second);
          assertThat(transport.store(List.of(store(1, 100)), LIMIT).getFirst().inStore()).isTrue();
        }
      }
    }
  }

  @Test
  void aDeadlineIsKept() throws Exception {
    try (ServerSocketChannel silent =
            ServerSocketChannel.open()
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        SocketTransport transport =
            SocketTransport.tcp(
                (InetSocketAddress) silent.getLocalAddress(),
                SocketTransportOptions.defaults(),
                (_, _) -> new byte[32])) {
      assertThatThrownBy(() ->
              transport.load(List.of(LoadItem.whole(id(1), room(10))), Duration.ofMillis(100)))
          .isInstanceOfSatisfying(
              TransportException.class,
              e -> assertThat(e.code()).isEqualTo(TransportException.Code.DEADLINE_EXCEEDED));
    }
  }

  @Test
  void closingTheTransportEndsItsCalls() throws Exception {
    try (ServerSocketChannel silent =
        ServerSocketChannel.open()
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
      SocketTransport transport =
          SocketTransport.tcp(
              (InetSocketAddress) silent.getLocalAddress(),
              SocketTransportOptions.defaults(),
              (_, _) -> new byte[32]);
      CompletableFuture<TransportException.Code> ended =
          CompletableFuture.supplyAsync(() -> {
            try {
              transport.load(List.of(LoadItem.whole(id(1), room(10))), LIMIT);
              throw new AssertionError("nobody can have answered");
            } catch (TransportException e) {
              return e.code();
            }
          });
      try (var _ = silent.accept()) {
        transport.close();
        await().until(ended::isDone);
        assertThat(ended.join()).isEqualTo(TransportException.Code.CLOSED);
      }
    }
  }
}
