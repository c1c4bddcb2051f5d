package io.kveik.server.tier.nvme;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.block.BlockKey;
import io.kveik.server.tier.TierUsage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** What is really on the disk, counted record by record without the tier's index or footers. */
final class NvmeTruth {
  private NvmeTruth() {}

  private record SegmentBytes(SegmentDescriptor.Header header, ByteBuffer bytes) {}

  static void assertAccountExact(Path root, NvmeTier tier) throws IOException {
    long fileBytes = 0;
    List<SegmentBytes> segments = new ArrayList<>();
    for (Path file : files(root)) {
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
      fileBytes += bytes.limit();
      SegmentDescriptor.decodeHeader(bytes.slice(0, SegmentDescriptor.PAGE_BYTES))
          .ifPresent(header -> segments.add(new SegmentBytes(header, bytes)));
    }
    segments.sort(Comparator.comparingLong(segment -> segment.header().firstSequence()));
    Map<BlockKey, Long> bytesByKey = new HashMap<>();
    for (SegmentBytes segment : segments) {
      replay(segment, bytesByKey);
    }
    TierUsage usage = tier.usage();
    assertThat(usage.blocks()).isEqualTo(bytesByKey.size());
    assertThat(usage.bytes())
        .isEqualTo(bytesByKey.values().stream().mapToLong(Long::longValue).sum());
    assertThat(tier.status().fileBytes()).isEqualTo(fileBytes);
    assertThat(tier.status().segments()).isEqualTo(segments.size());
    assertThat(fileBytes).isLessThanOrEqualTo(usage.capacityBytes());
  }

  private static void replay(SegmentBytes segment, Map<BlockKey, Long> bytesByKey) {
    long at = SegmentDescriptor.PAGE_BYTES;
    while (at < segment.header().lengthBytes()) {
      Optional<RecordHeader> record = RecordDescriptor.decode(segment.bytes(), (int) at);
      if (record.isEmpty()
          || record.get().generation() != segment.header().generation()
          || record.get().position() != at) {
        at += RecordDescriptor.PAGE_BYTES;
        continue;
      }
      BlockKey key = record.get().block().key();
      switch (record.get().kind()) {
        case BLOCK -> bytesByKey.put(key, record.get().recordBytes());
        case TOMBSTONE -> bytesByKey.remove(key);
      }
      at += record.get().recordBytes();
    }
  }

  static void assertAccountAgreesWithScan(NvmeTier tier) {
    AtomicLong blocks = new AtomicLong();
    AtomicLong bytes = new AtomicLong();
    assertThat(
            tier.scan(header -> {
              blocks.incrementAndGet();
              bytes.addAndGet(RecordDescriptor.recordBytes(header.bodyLength()));
            }))
        .isTrue();
    assertThat(tier.usage().blocks()).isEqualTo(blocks.get());
    assertThat(tier.usage().bytes()).isEqualTo(bytes.get());
  }

  static List<Path> files(Path root) throws IOException {
    try (Stream<Path> files = Files.list(root.resolve("segments"))) {
      return files.sorted().toList();
    }
  }
}
