package io.kveik.server.cache;

import java.util.concurrent.TimeUnit;

/**
 * How namespaces share a bounded tier.
 *
 * @param sharePercent soft: of what a tier holds, so much of each namespace stays while others hold
 *     more than their share; at most an equal part, so 100 means equal parts; 0: no shares
 * @param quotaBytes hard: a namespace never holds more payload and attributes in DRAM
 * @param idleMillis a namespace that nobody has used for so long has no share
 */
public record ShareOptions(int sharePercent, long quotaBytes, long idleMillis) {
  public static final int PERCENT = 100;

  /** Whoever uses most, has most. */
  public static final ShareOptions NONE =
      new ShareOptions(0, Long.MAX_VALUE, TimeUnit.HOURS.toMillis(1));

  public ShareOptions {
    if (sharePercent < 0 || sharePercent > PERCENT) {
      throw new IllegalArgumentException("sharePercent=" + sharePercent + ", must be 0 to 100");
    }
    if (quotaBytes < 1) {
      throw new IllegalArgumentException("quotaBytes=" + quotaBytes + ", must be at least 1");
    }
    if (idleMillis < 1) {
      throw new IllegalArgumentException("idleMillis=" + idleMillis + ", must be at least 1");
    }
  }
}
