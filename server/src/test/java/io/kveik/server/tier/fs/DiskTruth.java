package io.kveik.server.tier.fs;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.tier.TierUsage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What is really on the disk, found without the tier's own code. */
final class DiskTruth {
  private DiskTruth() {}

  static void assertAccountExact(Path root, FsTier tier) throws IOException {
    long bytes = 0;
    List<Path> files = blockFiles(root);
    for (Path file : files) {
      bytes += (Files.size(file) + 4095) / 4096 * 4096;
    }
    TierUsage usage = tier.usage();
    assertThat(usage.blocks()).isEqualTo(files.size());
    assertThat(usage.bytes()).isEqualTo(bytes);
  }

  static List<Path> blockFiles(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root.resolve("blocks"))) {
      return files
          .filter(f -> f.getNameCount() == root.getNameCount() + 4)
          .filter(f -> f.getFileName().toString().matches("[0-9a-f]{64}\\.kvb"))
          .toList();
    }
  }

  static List<Path> temporaries(Path root) throws IOException {
    try (Stream<Path> files = Files.list(root.resolve("tmp"))) {
      return files.toList();
    }
  }
}
