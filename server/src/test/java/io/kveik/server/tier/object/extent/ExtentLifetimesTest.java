package io.kveik.server.tier.object.extent;

import static io.kveik.server.tier.object.extent.ExtentServers.ref;
import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.block.TtlKind;
import io.kveik.server.tier.FindOutcome;
import io.kveik.server.tier.StoredBlock;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Times to live in extents: by the clock they end everywhere at once, by use never by themselves.
 */
class ExtentLifetimesTest {
  private static final int BLOCKS = 4;
  private static final long TTL_MILLIS = 60_000;

  private final ExtentServers servers = new ExtentServers("ExtentLifetimesTest");

  @AfterEach
  void close() {
    servers.close();
  }

  @ParameterizedTest
  @EnumSource(names = {"LAST_USE", "FIRST_USE"})
  void aBlockThatEndsByUseOutlivesItsTimeAndIsThenRemovedForGood(TtlKind kind) {
    ExtentTier a = servers.start();
    ExtentTier b = servers.start();
    put(a, kind);
    // Far more than half of the extent would be over, if its time counted from the writing.
    servers.time.advance(3 * TTL_MILLIS);
    for (int i = 0; i < BLOCKS; i++) {
      servers.assertHit(b, i);
    }
    assertThat(a.remove(ref(0))).isTrue();
    for (ExtentTier server : List.of(a, b, servers.start())) {
      servers.assertAbsent(server, 0);
      servers.assertHit(server, 1);
    }
  }

  @Test
  void aBlockThatEndsByTheClockIsServedByNobodyAndItsRemovalRewritesNothing() {
    ExtentTier a = servers.start(TestExtents.neverRewriting());
    ExtentTier b = servers.start(TestExtents.neverRewriting());
    put(a, TtlKind.ABSOLUTE);
    servers.time.advance(TTL_MILLIS + 1_000);
    assertThat(servers.paths("x1/")).hasSize(1);
    servers.calls();
    assertThat(a.remove(ref(0))).isTrue();
    assertThat(servers.calls()).doesNotContain("put");
    for (ExtentTier server : List.of(a, b, servers.start(TestExtents.neverRewriting()))) {
      for (int i = 0; i < BLOCKS; i++) {
        servers.assertAbsent(server, i);
        assertThat(server.find(ref(i))).isEqualTo(new FindOutcome.Absent());
      }
    }
  }

  private void put(ExtentTier server, TtlKind kind) {
    List<StoredBlock> blocks =
        IntStream.range(0, BLOCKS).mapToObj(i -> servers.block(i, kind, TTL_MILLIS)).toList();
    ExtentServers.put(server, blocks);
  }
}
