package io.kveik.server.reliability;

import io.kveik.server.tier.TestBlocks;
import io.kveik.server.tier.s3.S3BlobStore;
import io.kveik.server.tier.s3.S3TestServer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An S3 store whose network and server fail. {@code -Dkveik.calls} sets how long (200). */
class S3FaultTest {
  private static final int CALLS = Integer.getInteger("kveik.calls", 200);

  @TempDir Path directory;

  @Test
  @Timeout(300)
  void clientsNoticeNothingButMisses() throws Exception {
    long seed = TestBlocks.seed("S3FaultTest");
    try (S3TestServer server = S3TestServer.start(directory);
        FaultProxy proxy = FaultProxy.before(server.endpoint(), seed);
        ObjectStoreFaultRun run =
            new ObjectStoreFaultRun(
                S3BlobStore.open(server.options(proxy.endpoint())),
                server.newContainer(),
                proxy,
                seed)) {
      run.fill();
      run.thirtyPercentFail(CALLS);
      run.allFailThenHeal();
      run.nothingAcknowledgedIsLost();
    }
  }
}
