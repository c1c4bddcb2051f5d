package io.kveik.server.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kveik.wire.v1.KVStoreServiceGrpc.KVStoreServiceBlockingStub;
import io.kveik.wire.v1.LookupRequest;
import io.kveik.wire.v1.WriteRequest;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A block whose TTL is over is gone at once, and can be written anew with other bytes. */
@Timeout(30)
final class ExpiredBlockTest {
  private static final int ROUNDS = 30;
  private static final int PAYLOAD_BYTES = 1_000_000;

  @TempDir Path directory;

  @Test
  void blockWrittenAgainAfterItsTtlHasTheNewBytes() throws Exception {
    try (RunningServer server = RunningServer.start(directory, "fs-bytes=0");
        Witness witness = Witness.beside(server)) {
      KVStoreServiceBlockingStub stub = RunningServer.stub(server.connect());
      for (int round = 0; round < ROUNDS; round++) {
        LookupRequest lookup = Blocks.lookup(round, 1).build();
        stub.write(Blocks.write(round, 1_000).setTtlMs(1).build());
        await()
            .pollInterval(Duration.ofMillis(1))
            .until(() -> stub.lookup(lookup).getCachedBlocks() == 0);
        WriteRequest.Builder again = Blocks.write(round, PAYLOAD_BYTES);
        assertThat(stub.write(again.build()).getSuccess()).isTrue();
        // Other large messages reuse the transport's memory.
        stub.write(Blocks.write(1_000 + round, PAYLOAD_BYTES).build());
        String location = stub.lookup(lookup).getLocations(0).getLocation();
        assertThat(stub.read(Blocks.read(location).build()).getChunk().getBuffer())
            .as("round %s", round)
            .isEqualTo(again.getChunk().getBuffer());
      }
      witness.check();
    }
  }
}
