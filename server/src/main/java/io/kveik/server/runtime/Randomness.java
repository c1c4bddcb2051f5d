package io.kveik.server.runtime;

import java.security.SecureRandom;

/** The one source of bytes that nobody may guess. */
public final class Randomness {
  private Randomness() {}

  /** Fresh bytes from the platform's secure generator. */
  public static byte[] secureBytes(int count) {
    byte[] bytes = new byte[count];
    new SecureRandom().nextBytes(bytes);
    return bytes;
  }
}
