package io.kveik.server.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.kveik.server.config.ConfigException;
import io.kveik.server.tier.s3.S3TestServer;
import io.kveik.wire.v1.AckLevel;
import io.kveik.wire.v1.KVStoreServiceGrpc.KVStoreServiceBlockingStub;
import io.kveik.wire.v1.LookupResponse;
import io.kveik.wire.v1.WriteRequest;
import io.kveik.wire.v1.WriteResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whole servers over a real S3 store: sharing blocks, and starting before the store does. */
@Timeout(120)
final class S3ServerTest {
  private static final int PAYLOAD_BYTES = 200_000;

  @TempDir Path directory;

  @Test
  void whatOneServerStoredAnotherServes() throws Exception {
    WriteRequest.Builder written = Blocks.write(1, PAYLOAD_BYTES);
    try (S3TestServer s3 = S3TestServer.start(directory)) {
      try (RunningServer first = start(directory.resolve("a"), s3.endpoint().getPort())) {
        WriteResponse response = RunningServer.stub(first.connect()).write(written.build());
        assertThat(response.getSuccess()).isTrue();
        assertThat(response.getAckLevel()).isEqualTo(AckLevel.ACK_LEVEL_SHARED);
        assertThat(first.metric("kveik_object_tries_total")).isPositive();
      }
      Path second = Files.createDirectory(directory.resolve("b"));
      Files.copy(directory.resolve("a/secret.key"), second.resolve("secret.key"));
      try (RunningServer server = start(second, s3.endpoint().getPort())) {
        KVStoreServiceBlockingStub stub = RunningServer.stub(server.connect());
        LookupResponse found = stub.lookup(Blocks.lookup(1, 1).build());
        assertThat(found.getCachedBlocks()).isEqualTo(1);
        assertThat(
                stub.read(Blocks.read(found.getLocations(0).getLocation()).build())
                    .getChunk()
                    .getBuffer())
            .isEqualTo(written.getChunk().getBuffer());
        server.awaitNoReaders();
      }
    }
  }

  @Test
  void startsBeforeTheStoreAndUsesItOnceItIsThere() throws Exception {
    int port = freePort();
    S3TestServer.writeCredentials(directory);
    try (RunningServer server = start(directory.resolve("c"), port)) {
      ManagedChannel channel = server.connect();
      KVStoreServiceBlockingStub stub = RunningServer.stub(channel);
      assertThat(stub.lookup(Blocks.lookup(1, 1).build()).getCachedBlocks()).isZero();
      WriteResponse alone = stub.write(Blocks.write(1, PAYLOAD_BYTES).build());
      assertThat(alone.getSuccess()).isTrue();
      assertThat(alone.getAckLevel()).isEqualTo(AckLevel.ACK_LEVEL_MEMORY);
      assertThat(stub.lookup(Blocks.lookup(1, 1).build()).getCachedBlocks()).isEqualTo(1);
      try (S3TestServer s3 = S3TestServer.start(directory, port)) {
        assertThat(s3.endpoint().getPort()).isEqualTo(port);
        int[] next = {100};
        await()
            .atMost(Duration.ofSeconds(60))
            .until(() ->
                RunningServer.stub(channel)
                        .write(Blocks.write(next[0]++, 1_000).build())
                        .getAckLevel()
                    == AckLevel.ACK_LEVEL_SHARED);
      }
    }
  }

  @Test
  void digestsInTheStoreTellWhatIsThere() throws Exception {
    try (S3TestServer s3 = S3TestServer.start(directory)) {
      int port = s3.endpoint().getPort();
      try (RunningServer first =
          start(directory.resolve("e"), port, "presence.refresh-millis=100")) {
        RunningServer.stub(first.connect()).write(Blocks.write(1, 1_000).build());
        awaitDigest(first);
      }
      Path data = Files.createDirectory(directory.resolve("f"));
      Files.copy(directory.resolve("e/secret.key"), data.resolve("secret.key"));
      try (RunningServer server = start(data, port, "presence.refresh-millis=100")) {
        ManagedChannel channel = server.connect();
        RunningServer.stub(channel).lookup(Blocks.lookup(2, 1).build());
        awaitDigest(server);
        double asked = server.metric("kveik_lookup_probes_total");
        assertThat(
                RunningServer.stub(channel).lookup(Blocks.lookup(2, 1).build()).getCachedBlocks())
            .isZero();
        assertThat(server.metric("kveik_lookup_probes_total")).isEqualTo(asked);
        assertThat(
                RunningServer.stub(channel).lookup(Blocks.lookup(1, 1).build()).getCachedBlocks())
            .isEqualTo(1);
        assertThat(server.metric("kveik_lookup_probes_total")).isEqualTo(asked + 1);
      }
    }
  }

  /** Until all of the container is known, what the server itself stored included. */
  private static void awaitDigest(RunningServer server) {
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() ->
            server.metric("kveik_presence_containers") == 1
                && server.metric("kveik_presence_incomplete") == 0
                && server.metric("kveik_presence_fresh_blocks") == 0);
  }

  @Test
  void saysWhichSettingIsWrong() {
    assertThatThrownBy(() -> RunningServer.start(directory.resolve("d"), "object.store=s3"))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("s3.bucket: ''");
    assertThatThrownBy(() ->
            RunningServer.start(
                directory.resolve("d"),
                "object.store=s3",
                "s3.bucket=kveik-test",
                "s3.endpoint=http://user:SECRET@host"))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("s3.endpoint: ")
        .hasMessageNotContaining("SECRET");
  }

  private RunningServer start(Path data, int port, String... more) throws IOException {
    List<String> settings = new ArrayList<>(List.of(more));
    Collections.addAll(
        settings,
        "fs-bytes=0",
        "ack=shared",
        "lookup.budget-millis=8000",
        "write.ack-wait-millis=3000",
        "object.store=s3",
        "object.breaker-pause-max-millis=1000",
        "s3.bucket=" + S3TestServer.BUCKET,
        "s3.endpoint=http://127.0.0.1:" + port,
        "s3.profile=" + S3TestServer.PROFILE,
        "s3.credentials-file=" + S3TestServer.credentialsFile(directory));
    return RunningServer.start(data, settings.toArray(String[]::new));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
