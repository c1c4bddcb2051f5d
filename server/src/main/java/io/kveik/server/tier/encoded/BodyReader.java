package io.kveik.server.tier.encoded;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.codec.Encoding;
import io.kveik.server.memory.Lease;
import io.kveik.server.tier.BlockBuffers;
import io.kveik.server.tier.BlockChecks;
import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.StoredBlock;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Makes a block of what was fetched: all checksums verified, decoded where it is stored encoded.
 * Any thread.
 *
 * @param codec stays its owner's
 */
public record BodyReader(BodyCodec codec) {
  /**
   * O(length).
   *
   * @param header whose body it is, already checked
   * @param encoding of the payload, for one of the header's length; null: it is stored as it is
   * @param fetched a lease on memory that has the body; stays the caller's
   * @param bodyOffset where in it the body begins
   * @param buffers asked once for an encoded payload's room, else not at all
   */
  public GetOutcome read(
      BlockHeader header,
      @Nullable Encoding encoding,
      Lease fetched,
      int bodyOffset,
      BlockBuffers buffers) {
    MemorySegment memory = fetched.segment();
    if (encoding != null) {
      long length = (long) encoding.encodedLength() + header.attributesLength();
      MemorySegment body = memory.asSlice(bodyOffset, length);
      return switch (codec.decode(header, encoding, body, buffers)) {
        case DecodedBody.Whole(StoredBlock block) -> new GetOutcome.Hit(block);
        case DecodedBody.Damaged(String reason) -> new GetOutcome.Corrupt(reason);
        case DecodedBody.NoBuffer() -> new GetOutcome.NoBuffer();
      };
    }
    String mismatch = BlockChecks.mismatch(header, memory.asSlice(bodyOffset, header.bodyLength()));
    return mismatch == null
        ? new GetOutcome.Hit(StoredBlock.transfer(header, fetched.retain(), bodyOffset))
        : new GetOutcome.Corrupt(mismatch);
  }
}
