package io.kveik.server.tier.object.extent;

import static io.kveik.server.tier.object.extent.ExtentServers.ref;
import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockRef;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A scan misses no block, whoever stored it and whoever rewrites extents meanwhile. */
class ExtentScanTest {
  private static final int BLOCKS = 16;

  private final ExtentServers servers = new ExtentServers("ExtentScanTest");

  @AfterEach
  void close() {
    servers.close();
  }

  @Test
  void tellsWhatAnotherServerHasJustStored() {
    ExtentTier a = servers.start();
    servers.put(servers.start(), 0, BLOCKS);
    assertThat(scanned(a)).containsExactlyInAnyOrderElementsOf(refs(0));
  }

  @Test
  void tellsOnceWhatIsInSeveralPlaces() {
    ExtentTier a = servers.start();
    ExtentTier b = servers.start();
    servers.put(a, 0, BLOCKS);
    servers.put(b, 0, BLOCKS, 2, BlockHeader.NEVER_EXPIRES);
    servers.put(servers.start(TestExtents.withDirectory(1)), 0, BLOCKS);
    assertThat(servers.paths("x1/")).hasSize(2);
    assertThat(servers.paths("b1/")).hasSize(BLOCKS);
    assertThat(scanned(a)).containsExactlyInAnyOrderElementsOf(refs(0));
  }

  @Test
  void aVisitorMayRemoveAllBlocksOneByOne() {
    ExtentTier a = servers.start();
    servers.put(a, 0, BLOCKS);
    List<BlockRef> told = new ArrayList<>();
    assertThat(
            a.scan(header -> {
              told.add(header.ref());
              assertThat(a.remove(header.ref())).isTrue();
            }))
        .isTrue();
    assertThat(told).containsExactlyInAnyOrderElementsOf(refs(0));
    assertThat(servers.start().usage().blocks()).isZero();
  }

  @Test
  void readsTheNextGenerationOfWhatIsRewrittenMeanwhile() {
    ExtentTier a = servers.start();
    ExtentTier b = servers.start();
    servers.put(a, 0, BLOCKS);
    boolean[] removed = {false};
    servers.breakCalls(call -> {
      if (call.equals("get") && !removed[0]) {
        removed[0] = true;
        assertThat(b.remove(ref(0))).isTrue();
      }
      return null;
    });
    assertThat(scanned(a)).containsExactlyInAnyOrderElementsOf(refs(1));
    assertThat(removed[0]).isTrue();
  }

  @Test
  void isIncompleteWithoutRoomForAllExtents() {
    servers.put(servers.start(), 0, BLOCKS);
    ExtentTier small = servers.start(TestExtents.withDirectory(BLOCKS / 2));
    assertThat(small.scan(_ -> {})).isFalse();
  }

  private static List<BlockRef> scanned(ExtentTier server) {
    List<BlockRef> told = new ArrayList<>();
    assertThat(server.scan(header -> told.add(header.ref()))).isTrue();
    return told;
  }

  private static List<BlockRef> refs(int first) {
    return IntStream.range(first, BLOCKS).mapToObj(ExtentServers::ref).toList();
  }
}
