package io.kveik.client;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.time.Duration;

/**
 * How a client behaves. Immutable; made by {@link #builder(String)}.
 *
 * <p>A deadline covers a whole call: every attempt and the pauses between them.
 */
public final class ClientOptions {
  private final String target;
  private final Duration lookupDeadline;
  private final Duration readDeadline;
  private final Duration readAllDeadline;
  private final Duration writeDeadline;
  private final int maxAttempts;
  private final Duration firstBackoff;
  private final Duration maxBackoff;
  private final boolean verifyChecksums;
  private final boolean missOnFailure;
  private final int maxOutstandingReads;
  private final long maxOutstandingBytes;

  private ClientOptions(Builder builder) {
    this.target = builder.target;
    this.lookupDeadline = builder.lookupDeadline;
    this.readDeadline = builder.readDeadline;
    this.readAllDeadline = builder.readAllDeadline;
    this.writeDeadline = builder.writeDeadline;
    this.maxAttempts = builder.maxAttempts;
    this.firstBackoff = builder.firstBackoff;
    this.maxBackoff = builder.maxBackoff;
    this.verifyChecksums = builder.verifyChecksums;
    this.missOnFailure = builder.missOnFailure;
    this.maxOutstandingReads = builder.maxOutstandingReads;
    this.maxOutstandingBytes = builder.maxOutstandingBytes;
  }

  /**
   * Starts from the defaults.
   *
   * @param target "host:port"
   */
  public static Builder builder(String target) {
    return new Builder(target);
  }

  /** The server, as "host:port". */
  public String target() {
    return target;
  }

  /** The deadline of a lookup. */
  public Duration lookupDeadline() {
    return lookupDeadline;
  }

  /** The deadline of a read of one block. */
  public Duration readDeadline() {
    return readDeadline;
  }

  /** The deadline of a whole {@code readAll}, the time in its consumer included. */
  public Duration readAllDeadline() {
    return readAllDeadline;
  }

  /** The deadline of a write. */
  public Duration writeDeadline() {
    return writeDeadline;
  }

  /** How often a call is tried in all. */
  public int maxAttempts() {
    return maxAttempts;
  }

  /** The longest pause before the second attempt; it doubles with each further one. */
  public Duration firstBackoff() {
    return firstBackoff;
  }

  /** The longest pause before any attempt. */
  public Duration maxBackoff() {
    return maxBackoff;
  }

  /** Whether payloads are checked against the checksum that they arrive with. */
  public boolean verifyChecksums() {
    return verifyChecksums;
  }

  /** Whether failed lookups and reads are misses. */
  public boolean missOnFailure() {
    return missOnFailure;
  }

  /** How many blocks a {@code readAll} asks for ahead of its consumer. */
  public int maxOutstandingReads() {
    return maxOutstandingReads;
  }

  /** How many bytes a {@code readAll} asks for ahead of its consumer. */
  public long maxOutstandingBytes() {
    return maxOutstandingBytes;
  }

  /** Collects options; every setter refuses what can't work. */
  public static final class Builder {
    private final String target;
    private Duration lookupDeadline = Duration.ofSeconds(1);
    private Duration readDeadline = Duration.ofSeconds(10);
    private Duration readAllDeadline = Duration.ofSeconds(60);
    private Duration writeDeadline = Duration.ofSeconds(30);
    private int maxAttempts = 3;
    private Duration firstBackoff = Duration.ofMillis(20);
    private Duration maxBackoff = Duration.ofMillis(500);
    private boolean verifyChecksums = true;
    private boolean missOnFailure;
    private int maxOutstandingReads = 32;
    private long maxOutstandingBytes = 64L << 20;

    private Builder(String target) {
      if (target.isBlank()) {
        throw new IllegalArgumentException("target is empty; give host:port");
      }
      this.target = target;
    }

    /** Default 1 s. */
    @CanIgnoreReturnValue
    public Builder lookupDeadline(Duration deadline) {
      this.lookupDeadline = positive("lookupDeadline", deadline);
      return this;
    }

    /** Default 10 s. */
    @CanIgnoreReturnValue
    public Builder readDeadline(Duration deadline) {
      this.readDeadline = positive("readDeadline", deadline);
      return this;
    }

    /** Default 60 s. It covers the whole {@code readAll}, the time in its consumer included. */
    @CanIgnoreReturnValue
    public Builder readAllDeadline(Duration deadline) {
      this.readAllDeadline = positive("readAllDeadline", deadline);
      return this;
    }

    /** Default 30 s. */
    @CanIgnoreReturnValue
    public Builder writeDeadline(Duration deadline) {
      this.writeDeadline = positive("writeDeadline", deadline);
      return this;
    }

    /**
     * Default 3. Only UNAVAILABLE and RESOURCE_EXHAUSTED are tried again: every call is idempotent,
     * and a deadline that has passed has passed. 1 never tries again.
     */
    @CanIgnoreReturnValue
    public Builder maxAttempts(int attempts) {
      this.maxAttempts = atLeastOne("maxAttempts", attempts);
      return this;
    }

    /**
     * Default 20 ms, doubling up to 500 ms. Each pause is drawn at random from the upper half of
     * that, and an attempt that would start after the deadline is not made.
     */
    @CanIgnoreReturnValue
    public Builder backoff(Duration first, Duration max) {
      if (max.compareTo(positive("first backoff", first)) < 0) {
        throw new IllegalArgumentException("max backoff " + max + " is below the first, " + first);
      }
      this.firstBackoff = first;
      this.maxBackoff = max;
      return this;
    }

    /** Default true. A block that fails its check is a miss and is counted. */
    @CanIgnoreReturnValue
    public Builder verifyChecksums(boolean verify) {
      this.verifyChecksums = verify;
      return this;
    }

    /**
     * Default false. When true, a lookup or read that fails answers as if nothing were cached, and
     * is counted by {@link KveikClient#failuresAsMisses()}. What the caller did wrong itself (an
     * interrupt, memory that is too small, a closed client) throws all the same.
     */
    @CanIgnoreReturnValue
    public Builder missOnFailure(boolean miss) {
      this.missOnFailure = miss;
      return this;
    }

    /** Default 32: how many blocks a {@code readAll} asks for ahead of its consumer. */
    @CanIgnoreReturnValue
    public Builder maxOutstandingReads(int reads) {
      this.maxOutstandingReads = atLeastOne("maxOutstandingReads", reads);
      return this;
    }

    /**
     * Default 64 MiB: how many bytes a {@code readAll} asks for ahead of its consumer, reckoned by
     * the largest block it has seen so far. One block is always asked for.
     */
    @CanIgnoreReturnValue
    public Builder maxOutstandingBytes(long bytes) {
      if (bytes < 1) {
        throw new IllegalArgumentException("maxOutstandingBytes is " + bytes + ", not at least 1");
      }
      this.maxOutstandingBytes = bytes;
      return this;
    }

    /** The options collected so far. */
    public ClientOptions build() {
      return new ClientOptions(this);
    }

    private static Duration positive(String name, Duration value) {
      if (value.isNegative() || value.isZero()) {
        throw new IllegalArgumentException(name + " is " + value + ", not above zero");
      }
      return value;
    }

    private static int atLeastOne(String name, int value) {
      if (value < 1) {
        throw new IllegalArgumentException(name + " is " + value + ", not at least 1");
      }
      return value;
    }
  }
}
