package io.kveik.bench.endpoint;

import com.google.protobuf.ByteString;
import io.kveik.client.KveikClient;
import io.kveik.server.memory.Slab;
import io.kveik.wire.v1.PromptChunk;
import java.lang.management.ManagementFactory;

/**
 * How much DRAM a server needs for that many blocks. Stateless.
 *
 * <p>The server keeps a block as its payload and behind it the encoded {@link PromptChunk} without
 * payload and checksum; the slab adds a tag of 16 bytes and rounds up to 64. A label takes 9 or 10
 * bytes of that, seldom fewer, which the rounding hides for payloads of a multiple of 64 bytes and
 * partition names of up to 20 characters.
 */
public final class DramSizing {
  private static final long GRANULE_BYTES = 64;

  /** What a slab keeps for itself. */
  private static final long SLAB_BYTES = 2 * GRANULE_BYTES;

  /** No block may have more than this share of the memory. */
  private static final long SMALLEST_BLOCKS = 4;

  private static final long WIDEST_LABEL = -1L;

  private DramSizing() {}

  /**
   * The {@code --dram-bytes} at which {@code blocks} blocks fit and no more.
   *
   * @param extentBytes what each takes
   */
  public static long dramBytesFor(long blocks, long extentBytes) {
    return SLAB_BYTES + extentBytes * Math.max(blocks, SMALLEST_BLOCKS + 1);
  }

  /**
   * What a block of the native service without metadata takes of the DRAM: it comes with nothing
   * but its payload.
   */
  public static long nativeExtentBytes(int blockBytes) {
    return Slab.extentBytes(blockBytes);
  }

  /**
   * What a block of the v1 service takes of the DRAM.
   *
   * @param blockBytes payload
   * @param partition where it is written
   * @param widestToken the token that takes most bytes on the wire
   */
  public static long extentBytes(int blockBytes, String partition, long widestToken) {
    PromptChunk.Builder chunk =
        PromptChunk.newBuilder()
            .setHash(WIDEST_LABEL)
            .setParentHash(WIDEST_LABEL)
            .setPartitionKey(partition)
            .setBuffer(ByteString.EMPTY);
    for (int i = 0; i < KveikClient.BLOCK_TOKENS; i++) {
      chunk.addTokens(widestToken);
    }
    return Slab.extentBytes(blockBytes + (long) chunk.build().getSerializedSize());
  }

  /** The most DRAM to give a server on this machine: half of what the machine has. */
  public static long mostDramBytes() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getTotalMemorySize() / 2
        : Runtime.getRuntime().maxMemory();
  }
}
