package io.kveik.server.cache.eviction;

import io.kveik.server.memory.RecordMemory;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** The policies there are, by the names of the setting {@code eviction.policy}. */
public enum PolicyKind implements EvictionPolicy.Factory {
  /** The server's own. */
  DEFAULT(1),
  LRU(2),
  S3_FIFO(3),
  ARC(4),
  HIT_DENSITY(5);

  /** The highest code. */
  public static final int MAX_CODE = 5;

  private final int code;

  PolicyKind(int code) {
    this.code = code;
  }

  /** What stands for it in records, the same in every version: 1 to {@link #MAX_CODE}. */
  public int code() {
    return code;
  }

  /** The policy of that code, if there is one. */
  public static Optional<PolicyKind> ofCode(int code) {
    return Stream.of(values()).filter(kind -> kind.code == code).findFirst();
  }

  /** Its name: "hit-density". */
  public String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * The policy of that name.
   *
   * @throws IllegalArgumentException when there is none
   */
  public static PolicyKind ofKey(String key) {
    for (PolicyKind kind : values()) {
      if (kind.key().equals(key)) {
        return kind;
      }
    }
    throw new IllegalArgumentException("no eviction policy '%s'".formatted(key));
  }

  /** The server's own, with soft priority, where hits are not all worth the same. */
  public static EvictionPolicy.Factory defaultBy(BlockValue value) {
    return new ByValue(value);
  }

  private record ByValue(BlockValue value) implements EvictionPolicy.Factory {
    @Override
    public EvictionPolicy apply(RecordMemory memory) {
      return new SoftPriority(memory, new SurvivalDensity(memory, value));
    }

    @Override
    public Optional<PolicyKind> kind() {
      return Optional.of(DEFAULT);
    }
  }

  @Override
  public Optional<PolicyKind> kind() {
    return Optional.of(this);
  }

  /** A new policy, with soft priority. */
  @Override
  public EvictionPolicy apply(RecordMemory memory) {
    EvictionPolicy policy =
        switch (this) {
          case DEFAULT -> new SurvivalDensity(memory, BlockValue.ALIKE);
          case LRU -> new LeafFirstLru(memory);
          case S3_FIFO -> new S3Fifo(memory);
          case ARC -> new Arc(memory);
          case HIT_DENSITY -> new HitDensity(memory);
        };
    return new SoftPriority(memory, policy);
  }
}
