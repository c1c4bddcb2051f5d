package io.kveik.server.tier.encoded;

import io.kveik.server.codec.Encoding;
import io.kveik.server.memory.Lease;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A body as a tier stores it: the payload, encoded or as it is, then the attributes, which are
 * never encoded. The holder closes it; its bytes must not be used after that.
 *
 * @param encoding of the payload; null: as it is
 * @param bytes of the body; those of the block itself where it is not encoded
 * @param lease on the bytes; null where they are the block's
 */
public record EncodedBody(@Nullable Encoding encoding, MemorySegment bytes, @Nullable Lease lease)
    implements AutoCloseable {
  /** A body that is stored as it is; aliases the bytes. */
  public static EncodedBody plain(MemorySegment bytes) {
    return new EncodedBody(null, bytes, null);
  }

  @Override
  public void close() {
    if (lease != null) {
      lease.close();
    }
  }
}
