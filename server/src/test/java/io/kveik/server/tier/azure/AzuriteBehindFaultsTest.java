package io.kveik.server.tier.azure;

import io.kveik.server.reliability.FaultProxy;
import io.kveik.server.reliability.ObjectStoreFaultRun;
import io.kveik.server.tier.TestBlocks;
import io.kveik.server.tier.object.BlobContainer;
import java.net.URI;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Azure storage whose network and server fail. {@code -Dkveik.calls} sets how long (200). */
class AzuriteBehindFaultsTest {
  private static final int CALLS = Integer.getInteger("kveik.calls", 200);

  private static Azurite azurite;

  @BeforeAll
  static void start() throws Exception {
    azurite = Azurite.http();
  }

  @AfterAll
  static void stop() throws Exception {
    if (azurite != null) {
      azurite.close();
    }
  }

  @Test
  @Timeout(300)
  void clientsNoticeNothingButMisses() throws Exception {
    long seed = TestBlocks.seed("AzuriteBehindFaultsTest");
    BlobContainer direct = azurite.newContainer();
    try (FaultProxy proxy = FaultProxy.before(direct.endpoint(), seed)) {
      URI broken = URI.create(proxy.endpoint() + direct.endpoint().getPath());
      try (ObjectStoreFaultRun run =
          new ObjectStoreFaultRun(
              TestStores.open(TestStores.options()),
              new BlobContainer(direct.account(), broken, direct.container()),
              proxy,
              seed)) {
        run.fill();
        run.thirtyPercentFail(CALLS);
        run.allFailThenHeal();
        run.nothingAcknowledgedIsLost();
      }
    }
  }
}
