package io.kveik.server.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.util.internal.PlatformDependent;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients that ask and do not read, or send what nobody takes: memory stays within its bounds. */
@Timeout(30)
final class UnreadAnswerTest {
  private static final int BLOCK_BYTES = 1_000_000;
  private static final int UNSENT_BYTES = 16 * 1024 * 1024;
  private static final int READS = 150;
  private static final int TWICE = 100;
  private static final long SLACK_BYTES = 64L * 1024 * 1024;

  @TempDir Path directory;

  @Test
  void floodOfReadsThatNobodyTakes() throws Exception {
    try (RunningServer server =
            RunningServer.start(directory, "limits.unsent-bytes=" + UNSENT_BYTES);
        Witness witness = Witness.beside(server)) {
      byte[] read = storedBlock(server);
      long before = directBytes();
      try (RawHttp2 deaf = RawHttp2.open(server.port())) {
        for (int i = 0; i < READS; i++) {
          deaf.call(2 * i + 1, "Read");
          deaf.message(2 * i + 1, read, true);
        }
        await().until(() -> server.metric("kveik_limit_unsent_bytes_total") > 0);
        witness.check();
        assertThat(server.metric("kveik_grpc_unsent_bytes"))
            .isBetween((double) BLOCK_BYTES, UNSENT_BYTES / 4.0 + 100_000);
        assertThat(directBytes() - before).isLessThan(UNSENT_BYTES + SLACK_BYTES);
      }
      await()
          .atMost(5, TimeUnit.SECONDS)
          .until(() -> server.metric("kveik_grpc_unsent_bytes") < BLOCK_BYTES);
      server.awaitNoReaders();
    }
  }

  @Test
  void streamThatNobodyTakes() throws Exception {
    try (RunningServer server =
            RunningServer.start(directory, "limits.unsent-bytes=" + UNSENT_BYTES);
        Witness witness = Witness.beside(server)) {
      byte[] read = storedBlock(server);
      long before = directBytes();
      try (RawHttp2 deaf = RawHttp2.open(server.port())) {
        deaf.call(1, "StreamingRead");
        for (int i = 0; i < READS; i++) {
          deaf.message(1, read, false);
        }
        await().until(() -> server.metric("kveik_grpc_unsent_bytes") >= BLOCK_BYTES);
        witness.check();
        assertThat(server.metric("kveik_grpc_unsent_bytes")).isLessThan(UNSENT_BYTES / 4.0);
        assertThat(directBytes() - before).isLessThan(UNSENT_BYTES + SLACK_BYTES);
      }
      await()
          .atMost(5, TimeUnit.SECONDS)
          .until(() -> server.metric("kveik_grpc_unsent_bytes") < BLOCK_BYTES);
      server.awaitNoReaders();
    }
  }

  @Test
  void writesThatNeverReachTheirHandler() throws Exception {
    try (RunningServer server = RunningServer.start(directory);
        Witness witness = Witness.beside(server)) {
      byte[] write = Blocks.write(1, BLOCK_BYTES).build().toByteArray();
      writeTwice(server, write, 5);
      long before = directBytes();
      writeTwice(server, write, TWICE);
      assertThat(directBytes() - before).isLessThan(SLACK_BYTES);
      assertThat(
              RunningServer.stub(server.connect())
                  .lookup(Blocks.lookup(1, 1).build())
                  .getCachedBlocks())
          .isZero();
      witness.check();
      server.awaitNoReaders();
    }
  }

  /** Sends two messages where there may be one. */
  private static void writeTwice(RunningServer server, byte[] write, int count) throws Exception {
    try (RawHttp2 connection = RawHttp2.open(server.port())) {
      for (int stream = 1; stream < 2 * count; stream += 2) {
        connection.call(stream, "Write");
        connection.message(stream, write, false);
        connection.message(stream, write, true);
        RawHttp2.End end = connection.end(stream);
        // gRPC itself resets the stream.
        assertThat(end.resetCode()).as("%s", end).isEqualTo(RawHttp2.CANCEL);
      }
    }
  }

  private static byte[] storedBlock(RunningServer server) {
    var stub = RunningServer.stub(server.connect());
    stub.write(Blocks.write(1, BLOCK_BYTES).build());
    return Blocks.read(stub.lookup(Blocks.lookup(1, 1).build()).getLocations(0).getLocation())
        .build()
        .toByteArray();
  }

  private static long directBytes() {
    long bytes = PlatformDependent.usedDirectMemory();
    assertThat(bytes).isPositive();
    return bytes;
  }
}
