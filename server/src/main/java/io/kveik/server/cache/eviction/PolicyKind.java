package io.kveik.server.cache.eviction;

import io.kveik.server.memory.RecordMemory;
import java.util.Locale;

/** The policies there are, by the names of the setting {@code eviction.policy}. */
public enum PolicyKind implements EvictionPolicy.Factory {
  /** The server's own. */
  DEFAULT,
  LRU,
  S3_FIFO,
  ARC,
  HIT_DENSITY;

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
    return memory -> new SoftPriority(memory, new SurvivalDensity(memory, value));
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
