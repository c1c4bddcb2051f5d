package io.kveik.server.tier.nvme;

import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Workers;
import io.kveik.server.tier.Lifetimes;
import io.kveik.server.tier.SelfEvictingTier.Retention;
import io.kveik.server.tier.encoded.BodyCodec;
import io.kveik.server.tier.nvme.SegmentTables.Table;
import io.kveik.server.tier.nvme.StagingBuffers.Staging;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The steps from a directory, left in whatever state by whatever end, to a log that can be used:
 * each segment's table is read, or found from its records, several at a time; then the records, in
 * the order they were written, say what is there.
 */
final class LogOpening {
  private final NvmeLayout layout;
  private final NvmeOptions options;
  private final SegmentFiles files;
  private final Clock clock;
  private final Lifetimes lifetimes;
  private final NvmeCounters counters;
  private final StagingBuffers staging;
  private final SegmentLog log;
  private final LocationIndex index = new LocationIndex();

  /** Blocks that are over for another reason than their headers give, and have no tombstone. */
  private final Map<BlockKey, BlockRef> ended = new HashMap<>();

  private LogOpening(
      NvmeLayout layout,
      NvmeOptions options,
      SegmentFiles files,
      Clock clock,
      Lifetimes lifetimes,
      NvmeCounters counters,
      StagingBuffers staging) {
    this.layout = layout;
    this.options = options;
    this.files = files;
    this.clock = clock;
    this.lifetimes = lifetimes;
    this.counters = counters;
    this.staging = staging;
    this.log = new SegmentLog(files, layout, options, staging, counters);
  }

  /**
   * @param lifetimes blocks that are over by them are not taken in
   * @param codec is the caller's and outlives the log
   * @throws IOException when the directory can't be used, another has it, or a segment can't be
   *     read: going on without it could bring removed blocks back
   */
  static BlockLog open(
      NvmeLayout layout,
      NvmeOptions options,
      SegmentFiles files,
      Clock clock,
      Lifetimes lifetimes,
      BodyCodec codec,
      NvmeCounters counters,
      Retention retention)
      throws IOException {
    files.createDirectories(layout.segments());
    Closeable directory = files.lock(layout.lockFile());
    StagingBuffers staging = new StagingBuffers(options.stagingBuffers());
    LogOpening opening =
        new LogOpening(layout, options, files, clock, lifetimes, counters, staging);
    boolean opened = false;
    try {
      files.probe(layout.root());
      if (options.fsync()) {
        files.forceWayTo(layout.segments());
      }
      opening.load();
      BlockLog blocks =
          new BlockLog(
              opening.log,
              opening.index,
              files,
              staging,
              codec,
              counters,
              options,
              clock,
              retention,
              directory);
      // What is set for a block may be forgotten once the block is gone: a later start would not
      // know that it is over.
      blocks.bury(opening.ended.values());
      opened = true;
      return blocks;
    } finally {
      if (!opened) {
        opening.log.close();
        staging.close();
        directory.close();
      }
    }
  }

  /** One segment file as it was found; without a table it is free. */
  private record Found(
      int slot,
      SegmentFile file,
      SegmentDescriptor.@Nullable Header header,
      TableReader.@Nullable Found content) {
    long firstSequence() {
      return header == null ? 0 : header.firstSequence();
    }
  }

  private void load() throws IOException {
    List<Found> all = readAll();
    List<Segment> byAge = new ArrayList<>();
    List<Segment> unsealed = new ArrayList<>();
    Map<Long, Segment> byGeneration = new HashMap<>();
    long lastSequence = 0;
    long keptBytes = 0;
    all.sort(Comparator.comparingLong(Found::firstSequence));
    for (Found found : all) {
      SegmentDescriptor.Header header = found.header();
      TableReader.Found content = found.content();
      if (header == null || content == null || byGeneration.containsKey(header.generation())) {
        free(found);
        continue;
      }
      Segment segment = log.segment(found.slot(), found.file(), header);
      Table table = content.table();
      segment.tail = table.tail();
      lastSequence = Math.max(lastSequence, header.firstSequence());
      lastSequence = Math.max(lastSequence, replay(segment, table.entries()));
      keptBytes += table.entries().limit();
      segment.loaded = table.entries();
      segment.doubtful = table.doubtful();
      if (options.fsync()) {
        secure(segment, content.sealed());
      }
      if (!content.sealed()) {
        segment.table = SegmentTable.of(table.entries());
        unsealed.add(segment);
      } else if (keptBytes > options.tableBytes()) {
        segment.loaded = null;
      }
      byGeneration.put(header.generation(), segment);
      byAge.add(segment);
    }
    Segment youngest = byAge.isEmpty() ? null : byAge.getLast();
    if (youngest != null && youngest.loaded == null) {
      // It may take more records, and its footer will need those it has.
      youngest.table =
          SegmentTable.of(
              TableReader.read(youngest.file, youngest.header, staging).table().entries());
    }
    log.adopt(byAge, lastSequence + 1);
    for (Segment segment : unsealed) {
      if (segment.sealed) {
        log.writeFooter(segment);
      }
    }
  }

  /**
   * Makes what a process wrote that died durable, its footers too: it may be in the system's cache
   * alone, and whoever is told that it is there relies on it. Through the page cache it is written
   * again for that: what a failed sync has dropped reads like what is on the disk, and no later
   * sync would write it. What is left of an unsound footer goes with the same sync.
   */
  private void secure(Segment segment, boolean hasFooter) throws IOException {
    if (!hasFooter) {
      log.blankFooter(segment);
    }
    if (files.alignmentBytes() == 1 && !hasFooter) {
      try (Staging one = staging.take()) {
        ByteBuffer piece = one.buffer();
        for (long at = 0; at < segment.tail; at += piece.limit()) {
          piece.clear().limit((int) Math.min(piece.capacity(), segment.tail - at));
          if (!SegmentFile.readFully(segment.file, piece, at)) {
            break;
          }
          SegmentFile.writeFully(segment.file, piece.flip(), at);
        }
      }
    }
    segment.file.force();
  }

  /** Lets the index say what the records say; returns the last sequence seen. */
  private long replay(Segment segment, ByteBuffer entries) {
    long now = clock.wallMillis();
    long last = 0;
    for (RecordHeader record : TableReader.decode(entries)) {
      last = record.sequence();
      switch (record.kind()) {
        case TOMBSTONE -> {
          index.remove(record.block().key());
          ended.remove(record.block().key());
          segment.tombstones.incrementAndGet();
        }
        case BLOCK -> {
          ended.remove(record.block().key());
          if (lifetimes.over(record.block(), now)) {
            index.remove(record.block().key());
            if (!record.block().expiredAt(now)) {
              ended.put(record.block().key(), record.block().ref());
            }
          } else {
            index.put(
                record.block().key(),
                Location.of(segment.slot, record.position(), record.recordBytes()));
          }
        }
      }
    }
    return last;
  }

  /** Keeps a file that segments can use, deletes another. */
  private void free(Found found) throws IOException {
    long length = found.file().size();
    if (length == options.effectiveSegmentBytes()) {
      log.adoptSpare(found.slot(), found.file(), length);
    } else {
      found.file().close();
      files.delete(layout.segment(found.slot()));
    }
  }

  private List<Found> readAll() throws IOException {
    List<Path> paths =
        files.list(layout.segments()).stream().filter(p -> NvmeLayout.slotOf(p) >= 0).toList();
    if (options.openThreads() == 1 || paths.size() < 2) {
      return readAll(paths, Runnable::run);
    }
    try (Workers workers = new Workers("nvme-open", options.openThreads(), paths.size())) {
      return readAll(paths, workers);
    }
  }

  private List<Found> readAll(List<Path> paths, Executor executor) throws IOException {
    List<CompletableFuture<Found>> reads = new ArrayList<>();
    for (Path path : paths) {
      reads.add(CompletableFuture.supplyAsync(() -> readUnchecked(path), executor));
    }
    List<Found> all = new ArrayList<>();
    IOException failure = null;
    for (CompletableFuture<Found> read : reads) {
      try {
        all.add(read.join());
      } catch (CompletionException e) {
        if (!(e.getCause() instanceof UncheckedIOException unchecked)) {
          throw e;
        }
        failure = unchecked.getCause();
      }
    }
    if (failure != null) {
      for (Found found : all) {
        found.file().close();
      }
      throw failure;
    }
    return all;
  }

  private Found readUnchecked(Path path) {
    try {
      return read(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Found read(Path path) throws IOException {
    int slot = NvmeLayout.slotOf(path);
    SegmentFile file = files.open(path);
    boolean read = false;
    try {
      Optional<SegmentDescriptor.Header> header = readHeader(file);
      Found found =
          header.isEmpty()
              ? new Found(slot, file, null, null)
              : new Found(slot, file, header.get(), TableReader.read(file, header.get(), staging));
      read = true;
      return found;
    } finally {
      if (!read) {
        file.close();
      }
    }
  }

  private Optional<SegmentDescriptor.Header> readHeader(SegmentFile file) throws IOException {
    try (Staging one = staging.take()) {
      ByteBuffer page = one.buffer().limit(SegmentDescriptor.PAGE_BYTES);
      if (!SegmentFile.readFully(file, page, 0)) {
        return Optional.empty();
      }
      page.flip();
      Optional<SegmentDescriptor.Header> header = SegmentDescriptor.decodeHeader(page);
      if (header.isEmpty() && !SegmentDescriptor.isBlank(page)) {
        counters.segmentsLost.increment();
      }
      return header;
    }
  }
}
