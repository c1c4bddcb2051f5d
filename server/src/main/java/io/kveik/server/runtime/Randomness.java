package io.kveik.server.runtime;

import java.security.SecureRandom;
import java.util.concurrent.ThreadLocalRandom;

/** The one source of what nobody may foresee. */
public final class Randomness {
  private Randomness() {}

  /** Fresh bytes from the platform's secure generator: for what nobody may guess. */
  public static byte[] secureBytes(int count) {
    byte[] bytes = new byte[count];
    new SecureRandom().nextBytes(bytes);
    return bytes;
  }

  /**
   * A number from 0 to below the bound, for any thread: to keep servers out of step, not for
   * secrets.
   */
  public static long below(long bound) {
    return ThreadLocalRandom.current().nextLong(bound);
  }
}
