package io.kveik.client;

import io.kveik.client.inplace.InPlacePayload;
import io.kveik.wire.v1.PromptChunk;
import io.kveik.wire.v1.ReadResponse;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * One answer to a read, whose payload still lies in the transport's buffers. Who holds it closes
 * it, once nothing looks at the payload any more; closing twice does no harm. Passed from thread to
 * thread, used by one at a time.
 *
 * @param message the answer without its payload
 * @param content the payload
 */
record ReceivedRead(ReadResponse message, InPlacePayload content) implements AutoCloseable {
  PromptChunk chunk() {
    return message.getChunk();
  }

  /** The payload, part after part: new read-only buffers, valid until close. */
  List<ByteBuffer> payload() {
    return content.wrapParts();
  }

  int length() {
    return content.length();
  }

  BlockInfo info() {
    PromptChunk chunk = chunk();
    long[] tokens = new long[chunk.getTokensCount()];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = chunk.getTokens(i);
    }
    return new BlockInfo(
        chunk.getHash(), chunk.getParentHash(), tokens, chunk.getCompletionId(), length());
  }

  /** Copies the whole payload to the start of {@code into}, which is large enough. */
  void copyTo(MemorySegment into) {
    content.copyTo(into);
  }

  /**
   * The same.
   *
   * @return CRC32C of the copy
   */
  int copyAndChecksum(MemorySegment into) {
    return content.copyAndChecksum(into);
  }

  @Override
  public void close() {
    content.close();
  }
}
