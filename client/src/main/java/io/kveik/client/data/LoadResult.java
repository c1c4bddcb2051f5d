package io.kveik.client.data;

/**
 * What became of a {@link LoadItem}.
 *
 * @param bytes of the target that were filled, from its start; 0 unless found
 * @param blockBytes of the whole block; 0 when that is not known
 * @param tokenCount tokens whose KV the block holds; 0 when that is not known
 * @param metadata what the writer gave with the block; empty unless found
 */
public record LoadResult(
    Status status, int bytes, int blockBytes, int tokenCount, byte[] metadata) {
  private static final byte[] NONE = {};

  /** Whether there is a block, and if not, why. */
  public enum Status {
    FOUND,
    ABSENT,
    EXPIRED,
    CORRUPT,
    TIER_DOWN,
    /** Its time was over before the block was there. */
    OVER_BUDGET,
    /** The server has no memory to fetch or send it now. */
    NO_MEMORY,
    /** The part asked for is not inside the block. */
    OUT_OF_RANGE,
    /** The target is smaller than what was asked for. */
    TARGET_TOO_SMALL,
    /** Too many requests wait in the server. */
    BUSY,
    /** The bytes that arrived are not those that the writer wrote; the target has them. */
    DAMAGED
  }

  /** No block, for that reason. */
  public static LoadResult without(Status status, int blockBytes, int tokenCount) {
    return new LoadResult(status, 0, blockBytes, tokenCount, NONE);
  }

  public boolean found() {
    return status == Status.FOUND;
  }
}
