package io.kveik.server.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.BlockingClientCall;
import io.kveik.wire.v1.KVStoreServiceGrpc;
import io.kveik.wire.v1.ReadRequest;
import io.kveik.wire.v1.ReadResponse;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** SIGTERM: what is in progress finishes, health says so, nobody new comes in, the process ends. */
@Timeout(20)
final class DrainTest {
  private static final int SIGTERM_STATUS = 143;

  @TempDir Path directory;

  /** gRPC never calls such a connection ready, and must be told of its end all the same. */
  @Test
  void connectionsThatNeverGotReadyHoldNothingUp() throws Exception {
    RunningServer server = RunningServer.start(directory, "shutdown.drain-millis=60000");
    for (int i = 0; i < 20; i++) {
      try (Socket socket = new Socket("localhost", server.port())) {
        socket.getOutputStream().write("PRI * HT".getBytes(StandardCharsets.US_ASCII), 0, i % 8);
      }
    }
    await()
        .atMost(5, TimeUnit.SECONDS)
        .untilAsserted(() -> assertThat(server.metric("kveik_grpc_connections")).isZero());
    // Within the test's own time limit, which is less than the drain time.
    server.close();
  }

  @Test
  void callsInProgressFinish() throws Exception {
    ServerChild child = ServerChild.start(directory, 256, "--dram-bytes", "64MiB");
    ManagedChannel channel = connect(child.port());
    ManagedChannel late = connect(child.port());
    try {
      KVStoreServiceGrpc.KVStoreServiceBlockingStub stub = RunningServer.stub(channel);
      stub.write(Blocks.write(1, 500_000).build());
      ReadRequest read =
          Blocks.read(stub.lookup(Blocks.lookup(1, 1).build()).getLocations(0).getLocation())
              .build();
      BlockingClientCall<ReadRequest, ReadResponse> stream =
          KVStoreServiceGrpc.newBlockingV2Stub(channel).streamingRead();
      stream.write(read);
      assertThat(stream.read().getFound()).isTrue();
      BlockingClientCall<?, HealthCheckResponse> health =
          HealthGrpc.newBlockingV2Stub(channel)
              .watch(HealthCheckRequest.newBuilder().setService("kvstore.KVStoreService").build());
      assertThat(health.read().getStatus()).isEqualTo(ServingStatus.SERVING);

      // Not Process.destroy, which closes the output as well.
      child.process().toHandle().destroy();
      assertThat(health.read().getStatus()).isEqualTo(ServingStatus.NOT_SERVING);
      health.cancel("seen", null);
      stream.write(read);
      assertThat(stream.read().getChunk().getBuffer().toByteArray())
          .isEqualTo(Blocks.payload(1, 500_000));
      assertThat(child.process().isAlive()).isTrue();
      assertThatThrownBy(() -> RunningServer.stub(late).lookup(Blocks.lookup(1, 1).build()))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
      stream.halfClose();
      assertThat(stream.read()).isNull();
      assertThat(child.process().waitFor(8, TimeUnit.SECONDS)).isTrue();
      assertThat(child.process().exitValue()).isIn(0, SIGTERM_STATUS);
      assertThat(child.output().lines().toList()).noneMatch(line -> line.contains("Exception"));
    } finally {
      channel.shutdownNow();
      late.shutdownNow();
      child.process().destroyForcibly();
    }
  }

  private static ManagedChannel connect(int port) {
    return NettyChannelBuilder.forAddress("localhost", port).usePlaintext().build();
  }
}
