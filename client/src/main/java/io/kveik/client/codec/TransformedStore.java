package io.kveik.client.codec;

import io.kveik.client.data.StoreItem;
import io.kveik.client.data.StoreResult;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** From a block in the caller's memory to its stored form. Stateless. */
final class TransformedStore {
  private TransformedStore() {}

  /**
   * What no payload to be transformed can be.
   *
   * @return null when the item is none of that
   */
  static @Nullable StoreResult refusal(PayloadTransform transform, StoreItem item) {
    long bytes = item.payload().byteSize();
    if (bytes < 1 || bytes > Integer.MAX_VALUE) {
      return StoreResult.invalid(
          "payload: %d bytes, must be 1 to %d".formatted(bytes, Integer.MAX_VALUE));
    }
    if (transform.precision().isPresent() && bytes % Float.BYTES != 0) {
      return StoreResult.invalid(
          "payload: %d bytes, must be a multiple of 4, the bytes of a number".formatted(bytes));
    }
    return null;
  }

  /**
   * What to store instead.
   *
   * @param arena of memory that other threads may read
   */
  static StoreItem storedItem(PayloadTransform transform, StoreItem item, Arena arena) {
    MemorySegment payload = item.payload();
    if (transform.precision().isPresent()) {
      MemorySegment numbers = arena.allocate(transform.numberBytes(payload.byteSize()));
      transform.precision().get().lower(payload, numbers);
      payload = numbers;
    }
    if (transform.gzip()) {
      MemorySegment member = arena.allocate(Gzip.maxCompressedBytes(payload.byteSize()));
      payload = member.asSlice(0, Gzip.compress(payload, member));
    }
    return new StoreItem(
        item.id(),
        item.parentId(),
        item.tokenCount(),
        item.metadata(),
        item.ttlMillis(),
        item.priority(),
        item.ack(),
        payload,
        OptionalInt.empty(),
        item.ttlKind());
  }
}
