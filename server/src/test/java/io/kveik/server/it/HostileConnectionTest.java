package io.kveik.server.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Status;
import io.kveik.server.tier.TestBlocks;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Connections that are not what they should be, or are too many. */
@Timeout(30)
final class HostileConnectionTest {
  private static final int MAX_STREAMS = 200;
  private static final int CONNECTIONS = 6;

  @TempDir Path directory;
  private final List<RawHttp2> opened = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (RawHttp2 connection : opened) {
      connection.close();
    }
  }

  @Test
  void garbageInsteadOfHttp2() throws Exception {
    SplittableRandom random = new SplittableRandom(TestBlocks.seed("garbage"));
    try (RunningServer server = RunningServer.start(directory);
        Witness witness = Witness.beside(server)) {
      List<byte[]> greetings = new ArrayList<>();
      greetings.add("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      greetings.add(new byte[] {0x16, 3, 1, 2, 0, 1, 0, 1, (byte) 0xFC, 3, 3});
      for (int i = 0; i < 50; i++) {
        byte[] noise = new byte[random.nextInt(30, 500)];
        random.nextBytes(noise);
        greetings.add(noise);
      }
      for (byte[] greeting : greetings) {
        RawHttp2 connection = add(RawHttp2.silent(server.port()));
        connection.send(greeting);
        assertThat(connection.closedByServer()).isTrue();
      }
      witness.check();
    }
  }

  @Test
  void garbageAfterThePreface() throws Exception {
    SplittableRandom random = new SplittableRandom(TestBlocks.seed("garbage frames"));
    try (RunningServer server = RunningServer.start(directory);
        Witness witness = Witness.beside(server)) {
      for (int i = 0; i < 50; i++) {
        RawHttp2 connection = add(RawHttp2.open(server.port()));
        try {
          for (int frames = random.nextInt(1, 30); frames > 0; frames--) {
            byte[] payload = new byte[random.nextInt(300)];
            random.nextBytes(payload);
            connection.frame(
                random.nextInt(12), random.nextInt(256), random.nextInt(0, 10), payload);
          }
          // A frame far beyond the size that was agreed upon: nobody may swallow it.
          connection.send(ByteBuffer.allocate(9).putInt(-1).array());
        } catch (SocketException e) {
          // The server has had enough before the end.
        }
        assertThat(connection.closedByServer()).isTrue();
      }
      witness.check();
      server.awaitNoReaders();
    }
  }

  @Test
  void messageOfTwoGigabytes() throws Exception {
    try (RunningServer server = RunningServer.start(directory);
        Witness witness = Witness.beside(server)) {
      for (int length : new int[] {Integer.MAX_VALUE, -1, Integer.MIN_VALUE, 100_000_000}) {
        for (String method : List.of("Lookup", "Read", "Write", "StreamingRead")) {
          RawHttp2 connection = add(RawHttp2.open(server.port()));
          connection.call(1, method);
          connection.data(
              1, ByteBuffer.allocate(5 + 100).put((byte) 0).putInt(length).array(), false);
          RawHttp2.End end = connection.end(1);
          assertThat(end.status())
              .as("%s of %s: %s", method, length, end)
              .isEqualTo(Status.Code.RESOURCE_EXHAUSTED.value());
          assertThat(end.message()).contains("exceeds maximum size").contains("" + length);
        }
      }
      witness.check();
      server.awaitNoCalls();
    }
  }

  @Test
  void oneStreamTooMany() throws Exception {
    try (RunningServer server = RunningServer.start(directory);
        Witness witness = Witness.beside(server)) {
      RawHttp2 connection = add(RawHttp2.open(server.port()));
      for (int i = 0; i < MAX_STREAMS; i++) {
        connection.call(2 * i + 1, "StreamingRead");
      }
      await().until(() -> server.metric("kveik_grpc_calls") >= MAX_STREAMS);
      int oneMore = 2 * MAX_STREAMS + 1;
      connection.call(oneMore, "StreamingRead");
      assertThat(connection.end(oneMore).resetCode()).isEqualTo(RawHttp2.REFUSED_STREAM);
      // The others go on.
      connection.data(1, new byte[0], true);
      assertThat(connection.end(1).status()).isZero();
      witness.check();
      connection.close();
      witness.check();
    }
  }

  @Test
  void oneConnectionTooMany() throws Exception {
    try (RunningServer server =
        RunningServer.start(directory, "limits.connections=" + CONNECTIONS)) {
      try (Witness witness = Witness.beside(server)) {
        for (int i = 1; i < CONNECTIONS; i++) {
          add(RawHttp2.open(server.port()));
        }
        await().until(() -> server.metric("kveik_grpc_connections") == CONNECTIONS);
        RawHttp2 oneMore = add(RawHttp2.silent(server.port()));
        assertThat(oneMore.closedByServer()).isTrue();
        assertThat(server.metric("kveik_limit_connections_total")).isEqualTo(1);
        witness.check();
        close();
        await().until(() -> server.metric("kveik_grpc_connections") == 1);
        RawHttp2 again = add(RawHttp2.open(server.port()));
        again.call(1, "StreamingRead");
        again.data(1, new byte[0], true);
        assertThat(again.end(1).status()).isZero();
      }
    }
  }

  private RawHttp2 add(RawHttp2 connection) {
    opened.add(connection);
    return connection;
  }
}
