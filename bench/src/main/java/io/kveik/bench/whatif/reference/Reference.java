package io.kveik.bench.whatif.reference;

import io.kveik.bench.whatif.Candidate;
import io.kveik.bench.whatif.Candidate.UseOrder;
import io.kveik.bench.whatif.SimulatedCache;
import java.util.Locale;

/** The reference caches there are. */
public enum Reference {
  LRU_ROOT_FIRST,
  S3_FIFO,
  W_TINYLFU,
  SIEVE,
  HIT_DENSITY;

  /** Its name: "reference-s3-fifo". */
  public String key() {
    return "reference-" + name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** What the simulator runs. */
  public Candidate.Reference candidate() {
    return switch (this) {
      case LRU_ROOT_FIRST -> of(UseOrder.ROOT_FIRST, PlainLru::new);
      case S3_FIFO -> of(UseOrder.DEEPEST_FIRST, PlainS3Fifo::new);
      case W_TINYLFU -> of(UseOrder.DEEPEST_FIRST, WTinyLfu::new);
      case SIEVE -> of(UseOrder.DEEPEST_FIRST, Sieve::new);
      case HIT_DENSITY -> of(UseOrder.DEEPEST_FIRST, PlainHitDensity::new);
    };
  }

  private Candidate.Reference of(UseOrder order, SimulatedCache.Factory caches) {
    return new Candidate.Reference(key(), order, caches);
  }
}
