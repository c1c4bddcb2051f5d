package io.kveik.server.session;

import java.util.concurrent.TimeUnit;

/**
 * What every native transport holds its requests to, before anything is allocated for them.
 *
 * @param maxBlockBytes largest payload
 * @param maxIdsPerCall most blocks in one match or load
 */
public record SessionLimits(int maxBlockBytes, int maxIdsPerCall) {
  public static final int MAX_METADATA_BYTES = 4_096;
  public static final int MAX_TOKEN_COUNT = 65_536;
  public static final long MAX_TTL_MILLIS = TimeUnit.DAYS.toMillis(365);
}
