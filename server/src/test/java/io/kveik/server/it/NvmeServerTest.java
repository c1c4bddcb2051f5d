package io.kveik.server.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.kveik.server.config.ConfigException;
import io.kveik.wire.v1.AckLevel;
import io.kveik.wire.v1.KVStoreServiceGrpc.KVStoreServiceBlockingStub;
import io.kveik.wire.v1.WriteRequest;
import io.kveik.wire.v1.WriteResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server with the nvme tier and nothing below it. */
class NvmeServerTest {
  private static final int BLOCKS = 40;
  private static final int PAYLOAD_BYTES = 200_000;

  @TempDir Path directory;

  private RunningServer start() throws Exception {
    return RunningServer.start(directory, "fs-bytes=0", "nvme.bytes=256MiB");
  }

  @Test
  void whatWasAcknowledgedAsLocalIsServedAfterARestart() throws Exception {
    try (RunningServer server = start()) {
      KVStoreServiceBlockingStub stub = RunningServer.stub(server.connect());
      for (int seed = 0; seed < BLOCKS; seed++) {
        WriteRequest request =
            Blocks.write(seed, PAYLOAD_BYTES).setAckLevel(AckLevel.ACK_LEVEL_LOCAL).build();
        WriteResponse response = stub.write(request);
        assertThat(response.getSuccess()).isTrue();
        assertThat(response.getAckLevel()).isEqualTo(AckLevel.ACK_LEVEL_LOCAL);
      }
      assertThat(server.metric("kveik_nvme_stored_total")).isEqualTo(BLOCKS);
      assertThat(server.metric("kveik_nvme_write_amplification")).isBetween(1.0, 1.2);
    }
    try (RunningServer server = start()) {
      KVStoreServiceBlockingStub stub = RunningServer.stub(server.connect());
      for (int seed = 0; seed < BLOCKS; seed++) {
        String location = stub.lookup(Blocks.lookup(seed, 1).build()).getLocations(0).getLocation();
        assertThat(stub.read(Blocks.read(location).build()).getChunk().getBuffer())
            .isEqualTo(Blocks.write(seed, PAYLOAD_BYTES).getChunk().getBuffer());
      }
      server.awaitNoReaders();
      assertThat(server.metric("kveik_read_lower_hits_total")).isEqualTo(BLOCKS);
    }
  }

  @Test
  void aServerWithoutItsDiskServesAndHeals() throws Exception {
    Path occupied = directory.resolve("nvme");
    Files.writeString(occupied, "not a directory");
    try (RunningServer server = start()) {
      KVStoreServiceBlockingStub stub = RunningServer.stub(server.connect());
      assertThat(acked(stub, 1)).isEqualTo(AckLevel.ACK_LEVEL_MEMORY);
      Files.delete(occupied);
      await().untilAsserted(() -> assertThat(acked(stub, 1)).isEqualTo(AckLevel.ACK_LEVEL_LOCAL));
    }
  }

  private static AckLevel acked(KVStoreServiceBlockingStub stub, int seed) {
    return stub.write(
            Blocks.write(seed, PAYLOAD_BYTES).setAckLevel(AckLevel.ACK_LEVEL_LOCAL).build())
        .getAckLevel();
  }

  @Test
  void tooFewBytesAreRefusedWithTheLimit() {
    assertThatThrownBy(() -> RunningServer.start(directory, "nvme.bytes=1MiB").close())
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("nvme.bytes: 1048576, must be 0 or at least 67108864");
  }
}
