package io.kveik.client;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * One block to write. Immutable but for its payload, which is <em>wrapped</em>: leave those bytes
 * alone until the write has returned. After that the client never looks at them again, whether the
 * write succeeded or not.
 */
public final class BlockWrite {
  /**
   * The longest payload: a message of the wire holds 2 GiB, with room left for its other fields.
   */
  public static final int MAX_PAYLOAD_BYTES = Integer.MAX_VALUE - (1 << 20);

  /** The highest priority. */
  public static final int MAX_PRIORITY = 3;

  private final long label;
  private final long parentLabel;
  private final long[] tokens;
  private final MemorySegment payload;
  private final AckLevel ackLevel;
  private final Duration ttl;
  private final int priority;
  private final String completionId;

  private BlockWrite(Builder builder) {
    this.label = builder.label;
    this.parentLabel = builder.parentLabel;
    this.tokens = builder.tokens;
    this.payload = builder.payload;
    this.ackLevel = builder.ackLevel;
    this.ttl = builder.ttl;
    this.priority = builder.priority;
    this.completionId = builder.completionId;
  }

  /**
   * A block with the server's default options.
   *
   * @see #builder(long, long, long[], MemorySegment)
   */
  public static BlockWrite of(
      long label, long parentLabel, long[] tokens, MemorySegment wrappedPayload) {
    return builder(label, parentLabel, tokens, wrappedPayload).build();
  }

  /**
   * A block with the server's default options.
   *
   * @see #builder(long, long, long[], ByteBuffer)
   */
  public static BlockWrite of(
      long label, long parentLabel, long[] tokens, ByteBuffer wrappedPayload) {
    return builder(label, parentLabel, tokens, wrappedPayload).build();
  }

  /**
   * Starts a block.
   *
   * @param label identifies the whole prefix up to this block (see {@link ChainLabels}); not 0
   * @param parentLabel the label of the block before it; 0 for the first
   * @param tokens {@link KveikClient#BLOCK_TOKENS} tokens; copied
   * @param wrappedPayload native memory or memory of a byte array, which the writing thread may
   *     read; not copied
   */
  public static Builder builder(
      long label, long parentLabel, long[] tokens, MemorySegment wrappedPayload) {
    return new Builder(label, parentLabel, tokens, wrappedPayload);
  }

  /**
   * Starts a block.
   *
   * @param label identifies the whole prefix up to this block (see {@link ChainLabels}); not 0
   * @param parentLabel the label of the block before it; 0 for the first
   * @param tokens {@link KveikClient#BLOCK_TOKENS} tokens; copied
   * @param wrappedPayload its bytes from position to limit, which stay as they are; not copied
   */
  public static Builder builder(
      long label, long parentLabel, long[] tokens, ByteBuffer wrappedPayload) {
    return new Builder(label, parentLabel, tokens, MemorySegment.ofBuffer(wrappedPayload));
  }

  /** Identifies the whole prefix up to this block. */
  public long label() {
    return label;
  }

  /** The label of the block before it; 0 for the first. */
  public long parentLabel() {
    return parentLabel;
  }

  /** A copy of the tokens. */
  public long[] tokens() {
    return tokens.clone();
  }

  /** The payload, wrapped. */
  public MemorySegment payload() {
    return payload;
  }

  /** What the answer waits for. */
  public AckLevel ackLevel() {
    return ackLevel;
  }

  /** How long after its write the block may be dropped; zero keeps it until it is evicted. */
  public Duration ttl() {
    return ttl;
  }

  /** How often eviction passes over the block before it takes it. */
  public int priority() {
    return priority;
  }

  /** The completion that this block belongs to; may be empty. */
  public String completionId() {
    return completionId;
  }

  /** Collects the options of a block. */
  public static final class Builder {
    private final long label;
    private final long parentLabel;
    private final long[] tokens;
    private final MemorySegment payload;
    private AckLevel ackLevel = AckLevel.UNSPECIFIED;
    private Duration ttl = Duration.ZERO;
    private int priority;
    private String completionId = "";

    private Builder(long label, long parentLabel, long[] tokens, MemorySegment payload) {
      if (label == 0) {
        throw new IllegalArgumentException("label is 0, which means \"no parent\"");
      }
      if (tokens.length != KveikClient.BLOCK_TOKENS) {
        throw new IllegalArgumentException(
            "tokens has %d tokens, a block has %d"
                .formatted(tokens.length, KveikClient.BLOCK_TOKENS));
      }
      if (payload.byteSize() > MAX_PAYLOAD_BYTES) {
        throw new IllegalArgumentException(
            "payload has %d bytes, the limit is %d"
                .formatted(payload.byteSize(), MAX_PAYLOAD_BYTES));
      }
      try {
        payload.asByteBuffer();
      } catch (UnsupportedOperationException e) {
        throw new IllegalArgumentException("payload lies in an array of something but bytes", e);
      }
      this.label = label;
      this.parentLabel = parentLabel;
      this.tokens = tokens.clone();
      this.payload = payload.asReadOnly();
    }

    /** Default {@link AckLevel#UNSPECIFIED}: the server's default. */
    @CanIgnoreReturnValue
    public Builder ackLevel(AckLevel level) {
      this.ackLevel = level;
      return this;
    }

    /** Default zero: the block stays until it is evicted. Counted in milliseconds. */
    @CanIgnoreReturnValue
    public Builder ttl(Duration timeToLive) {
      if (timeToLive.isNegative()) {
        throw new IllegalArgumentException("ttl is negative: " + timeToLive);
      }
      if (!timeToLive.isZero() && timeToLive.toMillis() == 0) {
        throw new IllegalArgumentException("ttl is below a millisecond: " + timeToLive);
      }
      this.ttl = timeToLive;
      return this;
    }

    /** Default 0, at most {@link #MAX_PRIORITY}. */
    @CanIgnoreReturnValue
    public Builder priority(int value) {
      if (value < 0 || value > MAX_PRIORITY) {
        throw new IllegalArgumentException(
            "priority is %d, not in 0..%d".formatted(value, MAX_PRIORITY));
      }
      this.priority = value;
      return this;
    }

    /** Default empty. */
    @CanIgnoreReturnValue
    public Builder completionId(String id) {
      this.completionId = id;
      return this;
    }

    /** The block. */
    public BlockWrite build() {
      return new BlockWrite(this);
    }
  }
}
