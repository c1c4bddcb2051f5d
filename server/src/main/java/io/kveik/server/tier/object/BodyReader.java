package io.kveik.server.tier.object;

import io.kveik.server.memory.Lease;
import io.kveik.server.tier.BlockBuffers;
import io.kveik.server.tier.BlockChecks;
import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.StoredBlock;
import io.kveik.server.tier.encoded.BodyCodec;
import io.kveik.server.tier.encoded.DecodedBody;
import java.lang.foreign.MemorySegment;

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
   * @param head whose body it is, already checked
   * @param fetched a lease on memory that has the body; stays the caller's
   * @param bodyOffset where in it the body begins
   * @param buffers asked once for an encoded payload's room, else not at all
   */
  public GetOutcome read(BlobHead head, Lease fetched, int bodyOffset, BlockBuffers buffers) {
    MemorySegment body = fetched.segment().asSlice(bodyOffset, head.bodyLength());
    if (head.encoding() != null) {
      return switch (codec.decode(head.header(), head.encoding(), body, buffers)) {
        case DecodedBody.Whole(StoredBlock block) -> new GetOutcome.Hit(block);
        case DecodedBody.Damaged(String reason) -> new GetOutcome.Corrupt(reason);
        case DecodedBody.NoBuffer() -> new GetOutcome.NoBuffer();
      };
    }
    String mismatch = BlockChecks.mismatch(head.header(), body);
    return mismatch == null
        ? new GetOutcome.Hit(StoredBlock.transfer(head.header(), fetched.retain(), bodyOffset))
        : new GetOutcome.Corrupt(mismatch);
  }
}
