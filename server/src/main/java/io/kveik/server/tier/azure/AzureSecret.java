package io.kveik.server.tier.azure;

import java.io.IOException;

/**
 * Tells a secret when a client of an account is made. Implementations don't show it in {@code
 * toString}.
 */
@FunctionalInterface
public interface AzureSecret {
  /**
   * @throws IOException when it can't be had; the message names where it should be, not what it is
   */
  String read() throws IOException;
}
