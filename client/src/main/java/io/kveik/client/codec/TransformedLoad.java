package io.kveik.client.codec;

import io.kveik.client.data.LoadItem;
import io.kveik.client.data.LoadResult;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** One block on its way from its stored form to the caller's memory. One thread. */
final class TransformedLoad {
  private final PayloadTransform transform;
  private final LoadItem item;
  private final Arena arena;
  private final MemorySegment stored;

  /**
   * @param item that {@link #check} has passed
   * @param arena of memory that other threads may fill; as much is taken as the transform says
   */
  TransformedLoad(PayloadTransform transform, LoadItem item, Arena arena) {
    this.transform = transform;
    this.item = item;
    this.arena = arena;
    this.stored = arena.allocate(transform.maxStoredBytes(item.mostBytes()));
  }

  /**
   * Refuses parts of blocks that have no counterpart in what is stored.
   *
   * @throws IllegalArgumentException naming the field
   */
  static void check(PayloadTransform transform, LoadItem item) {
    boolean part = item.offset() != 0 || item.length() != 0;
    if (part && transform.gzip()) {
      throw new IllegalArgumentException(
          "offset=%d, length=%d: a compressed block can only be loaded as a whole"
              .formatted(item.offset(), item.length()));
    }
    if (transform.precision().isPresent()
        && (item.offset() % Float.BYTES != 0 || item.length() % Float.BYTES != 0)) {
      throw new IllegalArgumentException(
          "offset=%d, length=%d: both must be multiples of 4, the bytes of a number"
              .formatted(item.offset(), item.length()));
    }
  }

  /** What to load instead. */
  LoadItem storedItem() {
    return new LoadItem(
        item.id(),
        (int) transform.numberBytes(item.offset()),
        (int) transform.numberBytes(item.length()),
        stored);
  }

  /** Fills the target from what was loaded. */
  LoadResult restored(LoadResult loaded) {
    long blockBytes = transform.gzip() ? 0 : transform.rawBytes(loaded.blockBytes()).orElse(0L);
    if (!loaded.found()) {
      return LoadResult.without(loaded.status(), toInt(blockBytes), loaded.tokenCount());
    }
    MemorySegment bytes = stored.asSlice(0, loaded.bytes());
    long numberBytes = transform.gzip() ? Gzip.statedBytes(bytes) : bytes.byteSize();
    Optional<Long> rawBytes = numberBytes < 0 ? Optional.empty() : transform.rawBytes(numberBytes);
    if (rawBytes.isEmpty()) {
      return LoadResult.without(LoadResult.Status.DAMAGED, toInt(blockBytes), loaded.tokenCount());
    }
    long raw = rawBytes.get();
    if (raw > item.room()) {
      return LoadResult.without(
          LoadResult.Status.TARGET_TOO_SMALL, toInt(raw), loaded.tokenCount());
    }
    MemorySegment target = item.target().asSlice(0, raw);
    if (!restore(bytes, numberBytes, target)) {
      return LoadResult.without(LoadResult.Status.DAMAGED, toInt(raw), loaded.tokenCount());
    }
    return new LoadResult(
        LoadResult.Status.FOUND,
        (int) raw,
        transform.gzip() ? (int) raw : toInt(blockBytes),
        loaded.tokenCount(),
        loaded.metadata());
  }

  private boolean restore(MemorySegment bytes, long numberBytes, MemorySegment target) {
    if (transform.precision().isEmpty()) {
      return Gzip.decompress(bytes, target);
    }
    MemorySegment numbers = bytes;
    if (transform.gzip()) {
      numbers = arena.allocate(numberBytes);
      if (!Gzip.decompress(bytes, numbers)) {
        return false;
      }
    }
    transform.precision().get().restore(numbers, target);
    return true;
  }

  private static int toInt(long bytes) {
    return (int) Math.min(bytes, Integer.MAX_VALUE);
  }
}
