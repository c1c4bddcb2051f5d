package io.kveik.server.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Requests that are sent and never ended: what they may hold is bounded. */
@Timeout(30)
final class ArrivingRequestTest {
  private static final int BLOCK_BYTES = 1_000_000;
  private static final int INBOUND_BYTES = 16 * 1024 * 1024;

  @TempDir Path directory;

  @Test
  void oneConnectionHoldsNoMoreThanItsShare() throws Exception {
    try (RunningServer server =
            RunningServer.start(directory, "limits.inbound-bytes=" + INBOUND_BYTES);
        Witness witness = Witness.beside(server)) {
      byte[] write = Blocks.write(1, BLOCK_BYTES).build().toByteArray();
      try (RawHttp2 connection = RawHttp2.open(server.port())) {
        for (int stream = 1; stream < 16; stream += 2) {
          connection.call(stream, "Write");
          connection.message(stream, write, false);
        }
        await()
            .atMost(5, TimeUnit.SECONDS)
            .until(() -> server.metric("kveik_limit_inbound_bytes_total") > 0);
        assertThat(server.metric("kveik_grpc_inbound_bytes"))
            .isGreaterThan(BLOCK_BYTES)
            .isLessThanOrEqualTo(INBOUND_BYTES / 4.0 + BLOCK_BYTES);
        witness.check();
      }
      await()
          .atMost(5, TimeUnit.SECONDS)
          .until(() -> server.metric("kveik_grpc_inbound_bytes") == 0);
      server.awaitNoReaders();
    }
  }

  @Test
  void messageLargerThanItsMethodCanNeedIsCutShort() throws Exception {
    try (RunningServer server = RunningServer.start(directory);
        Witness witness = Witness.beside(server)) {
      try (RawHttp2 connection = RawHttp2.open(server.port())) {
        connection.call(1, "StreamingRead");
        connection.message(1, new byte[BLOCK_BYTES], false);
        await()
            .atMost(5, TimeUnit.SECONDS)
            .until(() -> server.metric("kveik_limit_inbound_bytes_total") > 0);
        witness.check();
      }
      server.awaitNoReaders();
    }
  }
}
