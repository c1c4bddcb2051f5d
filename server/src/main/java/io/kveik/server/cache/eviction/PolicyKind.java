package io.kveik.server.cache.eviction;

import io.kveik.server.memory.RecordMemory;
import java.util.Locale;
import java.util.function.Function;

/** The policies there are, by the names of the setting {@code eviction.policy}. */
public enum PolicyKind implements EvictionPolicy.Factory {
  /** The server's own. */
  DEFAULT(SurvivalDensity::new),
  LRU(LeafFirstLru::new),
  S3_FIFO(S3Fifo::new),
  ARC(Arc::new),
  HIT_DENSITY(HitDensity::new);

  private final Function<RecordMemory, EvictionPolicy> maker;

  PolicyKind(Function<RecordMemory, EvictionPolicy> maker) {
    this.maker = maker;
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

  /** A new policy, with soft priority. */
  @Override
  public EvictionPolicy apply(RecordMemory memory) {
    return new SoftPriority(memory, maker.apply(memory));
  }
}
