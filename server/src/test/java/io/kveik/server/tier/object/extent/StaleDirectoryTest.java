package io.kveik.server.tier.object.extent;

import static io.kveik.server.tier.object.extent.ExtentServers.ref;
import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.tier.PutOutcome;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a server knows of extents may be out of date: no answer depends on that. */
class StaleDirectoryTest {
  private final ExtentServers servers = new ExtentServers("StaleDirectoryTest");

  @AfterEach
  void close() {
    servers.close();
  }

  @Test
  void aBlockThatAnotherServerRemovedIsStoredAgainWhicheverWayItIsPut() {
    ExtentTier a = servers.start();
    ExtentTier b = servers.start();
    servers.put(a, 0, 8);
    for (int i = 0; i < 3; i++) {
      assertThat(b.remove(ref(i))).isTrue();
    }
    assertThat(servers.put(a, 0, 1)).containsExactly(new PutOutcome.Stored());
    assertThat(servers.put(a, 1, 3, 2, BlockHeader.NEVER_EXPIRES))
        .containsExactly(
            new PutOutcome.Stored(), new PutOutcome.Stored(), new PutOutcome.AlreadyPresent());
    ExtentTier restarted = servers.start();
    for (int i = 0; i < 8; i++) {
      servers.assertHit(restarted, i);
    }
  }
}
