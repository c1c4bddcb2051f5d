package io.kveik.server.tier.fs;

import static io.kveik.server.tier.TestBlocks.assertHit;
import static io.kveik.server.tier.TestBlocks.key;
import static io.kveik.server.tier.TestBlocks.put;
import static io.kveik.server.tier.TestBlocks.ref;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.memory.Slab;
import io.kveik.server.tier.GetOutcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What one start leaves to the next, and that there is one at a time. */
class FsTierRestartTest {
  @TempDir Path directory;

  private final Slab buffers = Slab.anonymous(8 << 20);

  private FsTier open() throws IOException {
    return FsTier.open(directory, FsTierOptions.of(1L << 30, 1).withFsync(false));
  }

  @AfterEach
  void close() {
    assertThat(buffers.liveLeases()).isZero();
    buffers.close();
  }

  @Test
  void findsEverythingAgain() throws IOException {
    int blocks = 300;
    try (FsTier tier = open()) {
      for (int number = 0; number < blocks; number++) {
        put(tier, buffers::allocate, number, 1, number * 17, number % 50);
      }
    }
    try (FsTier tier = open()) {
      DiskTruth.assertAccountExact(directory, tier);
      assertThat(tier.usage().blocks()).isEqualTo(blocks);
      for (int number = 0; number < blocks; number++) {
        assertHit(tier.get(ref(number), buffers::allocate), number, 1);
      }
      List<BlockHeader> scanned = new ArrayList<>();
      assertThat(tier.scan(scanned::add)).isTrue();
      assertThat(scanned).hasSize(blocks);
    }
  }

  @Test
  void leftOverTemporariesAreDeleted() throws IOException {
    try (FsTier tier = open()) {
      put(tier, buffers::allocate, 1, 1, 5_000, 0);
    }
    Files.write(directory.resolve("tmp/0000000000000007-1.tmp"), new byte[5_000]);
    // As by a death between the link and the deletion: two names of one file.
    Files.createLink(
        directory.resolve("tmp/0000000000000007-2.tmp"), new FsLayout(directory).file(key(1)));
    try (FsTier tier = open()) {
      assertThat(DiskTruth.temporaries(directory)).isEmpty();
      assertHit(tier.get(ref(1), buffers::allocate), 1, 1);
      DiskTruth.assertAccountExact(directory, tier);
    }
  }

  @Test
  void noTwoTiersOfOneProcessShareADirectory() throws IOException {
    try (FsTier tier = open()) {
      for (int attempt = 0; attempt < 2; attempt++) {
        assertThatThrownBy(this::open)
            .isInstanceOf(FileSystemException.class)
            .hasMessageContaining("in use by this process");
      }
      // Nor under another name.
      Path alias = directory.resolveSibling(directory.getFileName() + "-alias");
      Files.createSymbolicLink(alias, directory);
      try {
        assertThatThrownBy(() -> FsTier.open(alias, FsTierOptions.of(1, 2)))
            .hasMessageContaining("in use by this process");
      } finally {
        Files.delete(alias);
      }
      put(tier, buffers::allocate, 1, 1, 10, 0);
    }
    try (FsTier tier = open()) {
      assertHit(tier.get(ref(1), buffers::allocate), 1, 1);
    }
  }

  @Test
  void aSecondProcessIsTurnedAway() throws Exception {
    try (FsTier tier = open()) {
      // A refused opener in this process must not have cost us the lock.
      assertThatThrownBy(this::open).isInstanceOf(FileSystemException.class);
      Process child = FsTierChild.start(directory, 1, "open");
      String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(said).contains("REFUSED").contains("in use by another process");
      assertThat(tier.usage().blocks()).isZero();
    }
  }

  @Test
  void theDirectoryIsFreeOnceTheLastCallIsOut() throws IOException {
    FsTier tier = open();
    put(tier, buffers::allocate, 1, 1, 10, 0);
    GetOutcome outcome =
        tier.get(
            ref(1),
            bytes -> {
              tier.close();
              assertThatThrownBy(this::open).hasMessageContaining("in use");
              return buffers.allocate(bytes);
            });
    assertHit(outcome, 1, 1);
    open().close();
  }

  @Test
  void aRootThatIsAFileIsRefused() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    assertThatThrownBy(() -> FsTier.open(file, FsTierOptions.of(1, 1)))
        .isInstanceOf(IOException.class);
  }
}
