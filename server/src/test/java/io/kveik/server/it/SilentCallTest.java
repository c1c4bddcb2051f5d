package io.kveik.server.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Calls whose client begins and goes silent are ended, counted, and leave nothing behind. */
@Timeout(30)
final class SilentCallTest {
  private static final String IDLE = "limits.call-idle-millis=1000";
  private static final int CALLS = 8;
  private static final int SILENT_CALLS = 7;

  @TempDir Path directory;

  @Test
  void callsThatGoSilentAreEnded() throws Exception {
    try (RunningServer server = RunningServer.start(directory, IDLE);
        Witness witness = Witness.beside(server)) {
      try (RawHttp2 connection = RawHttp2.open(server.port())) {
        byte[] write = Blocks.write(1, 100_000).build().toByteArray();
        connection.call(1, "StreamingRead");
        connection.call(3, "StreamingRead");
        connection.message(3, Blocks.read("nowhere").build().toByteArray(), false);
        connection.call(5, "Write");
        connection.call(7, "Write");
        // Half a message.
        connection.data(
            7, ByteBuffer.allocate(5 + 50_000).put((byte) 0).putInt(write.length).array(), false);
        connection.call(9, "Write");
        // All of it, but not the end of the call.
        connection.message(9, write, false);
        connection.call(11, "Lookup");
        connection.call(13, "Read");
        for (int i = 0; i < SILENT_CALLS; i++) {
          RawHttp2.End end = connection.nextEnd();
          assertThat(end.status()).as("%s", end).isEqualTo(Status.Code.DEADLINE_EXCEEDED.value());
          assertThat(end.message()).startsWith("limits.call-idle-millis: ").contains("1000 ms");
        }
        assertThat(server.metric("kveik_limit_call_idle_total")).isEqualTo(SILENT_CALLS);
        witness.check();
      }
      server.awaitNoReaders();
    }
  }

  @Test
  void moreCallsThanTheLimit() throws Exception {
    try (RunningServer server = RunningServer.start(directory, "limits.calls=" + CALLS)) {
      var stub = RunningServer.stub(server.connect());
      stub.write(Blocks.write(1, 1_000).build());
      await().until(() -> server.metric("kveik_grpc_calls") == 0);
      try (RawHttp2 connection = RawHttp2.open(server.port())) {
        for (int i = 0; i < CALLS; i++) {
          connection.call(2 * i + 1, "StreamingRead");
        }
        await().until(() -> server.metric("kveik_grpc_calls") == CALLS);
        assertThatThrownBy(() -> stub.lookup(Blocks.lookup(1, 1).build()))
            .isInstanceOfSatisfying(
                StatusRuntimeException.class,
                e -> {
                  assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
                  assertThat(e.getStatus().getDescription())
                      .isEqualTo("limits.calls: " + CALLS + " calls are in progress");
                });
        assertThat(server.metric("kveik_limit_calls_total")).isEqualTo(1);
      }
      await().atMost(2, TimeUnit.SECONDS).until(() -> server.metric("kveik_grpc_calls") == 0);
      assertThat(stub.lookup(Blocks.lookup(1, 1).build()).getCachedBlocks()).isEqualTo(1);
      server.awaitNoReaders();
    }
  }
}
