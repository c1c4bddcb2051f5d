package io.kveik.server.data;

import static io.kveik.server.data.DataItems.bytes;
import static io.kveik.server.data.DataItems.id;
import static io.kveik.server.data.DataItems.room;
import static io.kveik.server.data.DataItems.store;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kveik.client.data.BlockTransport;
import io.kveik.client.data.LoadItem;
import io.kveik.client.data.SocketTransportOptions;
import io.kveik.client.data.TransportException;
import io.kveik.server.session.Endpoint;
import io.kveik.server.tier.TestBlocks;
import java.lang.foreign.MemorySegment;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Where the data port listens: the socket's file, and TLS on TCP. */
@Timeout(60)
final class DataListenerTest {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  @TempDir Path directory;

  @Test
  void overTls() throws Exception {
    SelfSigned pem = SelfSigned.make(directory);
    try (DataFixture fixture =
        DataFixture.withTls(directory, PemIdentity.serverContext(pem.certificate(), pem.key()))) {
      assertThat(fixture.server().endpoints())
          .anyMatch(one -> one.kind() == Endpoint.Kind.TCP && one.tls());
      try (BlockTransport transport =
          fixture.tcp(SocketTransportOptions.defaults().withTls(pem.trusting()))) {
        transport.store(List.of(store(1, 3_000_000)), LIMIT);
        MemorySegment target = room(3_000_000);
        assertThat(transport.load(List.of(LoadItem.whole(id(1), target)), LIMIT).getFirst().found())
            .isTrue();
        assertThat(bytes(target, 3_000_000)).isEqualTo(TestBlocks.body(1, 0, 3_000_000));
      }
      try (BlockTransport stranger =
          fixture.tcp(SocketTransportOptions.defaults().withTls(SSLContext.getDefault()))) {
        assertThatThrownBy(() -> stranger.load(List.of(LoadItem.whole(id(1), room(10))), LIMIT))
            .isInstanceOf(TransportException.class)
            .hasMessageContaining("certif");
      }
    }
  }

  @Test
  void theSocketsFile() throws Exception {
    Path socket;
    try (DataFixture fixture = DataFixture.start(directory)) {
      socket = fixture.socket();
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
          .isEqualTo("rw-------");
      assertThatThrownBy(() -> DataListener.unix(socket)).hasMessageContaining("a server listens");
    }
    assertThat(socket).doesNotExist();

    Files.writeString(socket, "not a socket");
    assertThatThrownBy(() -> DataListener.unix(socket)).hasMessageContaining("is no socket");
    assertThat(socket).hasContent("not a socket");
    Files.delete(socket);

    // What a server that was killed leaves.
    try (var dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      dead.bind(UnixDomainSocketAddress.of(socket));
    }
    assertThat(socket).exists();
    DataListener.unix(socket).close();

    assertThatThrownBy(() -> DataListener.unix(directory.resolve("x".repeat(104))))
        .hasMessageContaining("more than 103 bytes");
  }
}
