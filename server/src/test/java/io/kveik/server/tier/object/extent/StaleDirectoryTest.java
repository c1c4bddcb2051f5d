package io.kveik.server.tier.object.extent;

import static io.kveik.server.tier.object.extent.ExtentServers.ref;
import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.tier.PutOutcome;
import io.kveik.server.tier.object.BlobFailure;
import io.kveik.server.tier.object.MemoryBlobStore.Fault;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a server knows of extents may be out of date: no answer depends on that. */
class StaleDirectoryTest {
  private static final Fault DOWN =
      new Fault(new BlobFailure(BlobFailure.Kind.UNAVAILABLE, 0, "down"), false);

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

  @Test
  void aRemovalFindsWhatOthersStoredWhileNothingCouldBeListed() {
    for (int minutes : new int[] {20, 300}) {
      int first = minutes * 100;
      ExtentTier a = servers.start();
      ExtentTier b = servers.start();
      servers.breakCalls(call -> call.equals("list") ? DOWN : null);
      assertThat(servers.put(b, first, 4)).containsOnly(new PutOutcome.Stored());
      for (int i = 0; i < minutes; i++) {
        servers.time.advance(60_000);
      }
      servers.breakCalls(_ -> null);
      assertThat(a.remove(ref(first))).isTrue();
      for (ExtentTier server : List.of(a, b, servers.start())) {
        servers.assertAbsent(server, first);
        servers.assertHit(server, first + 1);
      }
    }
  }

  @Test
  void aRemovalFindsWhatOthersStoredBeyondTheDirectorysRoom() {
    ExtentTier small = servers.start(TestExtents.withDirectory(4));
    ExtentTier other = servers.start();
    // Nothing tells before the removal that there is more than there is room for.
    servers.put(other, 0, 8);
    assertThat(small.remove(ref(0))).isTrue();
    for (ExtentTier server : List.of(small, other, servers.start())) {
      servers.assertAbsent(server, 0);
    }
    servers.assertHit(other, 1);
  }
}
