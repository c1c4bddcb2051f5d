package io.kveik.server.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.kveik.server.config.ConfigException;
import io.kveik.server.tier.azure.Azurite;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whole servers over Azurite: sharing blocks, and starting before the storage does. */
@Timeout(180)
final class AzureServerTest {
  private static final int PAYLOAD_BYTES = 200_000;

  @TempDir Path directory;

  @Test
  void whatOneServerStoredAnotherServes() throws Exception {
    WriteRequest.Builder written = Blocks.write(1, PAYLOAD_BYTES);
    try (Azurite azurite = Azurite.http()) {
      try (RunningServer first = start(directory.resolve("a"), azurite.port())) {
        WriteResponse response = RunningServer.stub(first.connect()).write(written.build());
        assertThat(response.getSuccess()).isTrue();
        assertThat(response.getAckLevel()).isEqualTo(AckLevel.ACK_LEVEL_SHARED);
        assertThat(first.metric("kveik_azure_calls_total")).isPositive();
      }
      Path second = Files.createDirectory(directory.resolve("b"));
      Files.copy(directory.resolve("a/secret.key"), second.resolve("secret.key"));
      try (RunningServer server = start(second, azurite.port())) {
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
  void startsBeforeTheStorageAndUsesItOnceItIsThere() throws Exception {
    int port = freePort();
    try (RunningServer server = start(directory.resolve("c"), port)) {
      ManagedChannel channel = server.connect();
      KVStoreServiceBlockingStub stub = RunningServer.stub(channel);
      assertThat(stub.lookup(Blocks.lookup(1, 1).build()).getCachedBlocks()).isZero();
      WriteResponse alone = stub.write(Blocks.write(1, PAYLOAD_BYTES).build());
      assertThat(alone.getSuccess()).isTrue();
      assertThat(alone.getAckLevel()).isEqualTo(AckLevel.ACK_LEVEL_MEMORY);
      assertThat(stub.lookup(Blocks.lookup(1, 1).build()).getCachedBlocks()).isEqualTo(1);
      try (Azurite azurite = Azurite.http(port)) {
        assertThat(azurite.port()).isEqualTo(port);
        int[] next = {100};
        await()
            .atMost(Duration.ofSeconds(90))
            .until(() ->
                RunningServer.stub(channel)
                        .write(Blocks.write(next[0]++, 1_000).build())
                        .getAckLevel()
                    == AckLevel.ACK_LEVEL_SHARED);
      }
    }
  }

  @Test
  void saysWhichSettingIsWrong() throws IOException {
    Path accounts = Files.writeString(directory.resolve("bad.yaml"), "accounts: [{}]");
    assertThatThrownBy(
            () -> RunningServer.start(directory.resolve("d"), "accounts.file=" + accounts))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("account 1: resource must be given");
    assertThatThrownBy(
            () -> RunningServer.start(directory.resolve("d"), "accounts.file=/no/such/file"))
        .isInstanceOf(ConfigException.class)
        .hasMessage("accounts.file: '/no/such/file' can't be read");
    assertThatThrownBy(() ->
            RunningServer.start(
                directory.resolve("d"), "object.store=azure", "azure.source-addresses=eth0"))
        .isInstanceOf(ConfigException.class)
        .hasMessage("azure.source-addresses: 'eth0', must be addresses in numbers");
    assertThatThrownBy(() ->
            RunningServer.start(
                directory.resolve("d"), "object.store=azure", "azure.trusted-certificate=/no"))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("azure.trusted-certificate: ");
  }

  private RunningServer start(Path data, int port) throws IOException {
    Path key = Files.writeString(directory.resolve("key"), Azurite.KEY);
    Path accounts =
        Files.writeString(
            directory.resolve("accounts.yaml"),
            """
            accounts:
            - resource: %s
              tenant: tenant
              kind: azure
              endpoint: http://127.0.0.1:%d/%s
              credential: {type: shared-key, name: %s, secret-file: %s}
            """
                .formatted(Blocks.SCOPE.resource(), port, Azurite.ACCOUNT, Azurite.ACCOUNT, key));
    return RunningServer.start(
        data,
        "fs-bytes=0",
        "ack=shared",
        "lookup.budget-millis=8000",
        "write.ack-wait-millis=3000",
        "object.store=azure",
        "object.breaker-pause-max-millis=1000",
        "azure.source-addresses=127.0.0.1,127.0.0.2",
        "accounts.file=" + accounts);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
