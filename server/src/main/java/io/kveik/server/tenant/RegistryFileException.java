package io.kveik.server.tenant;

import java.io.IOException;

/**
 * A file of accounts or namespaces can't be used; the message names entry, field, value and what is
 * legal.
 */
public final class RegistryFileException extends IOException {
  RegistryFileException(String message) {
    super(message);
  }
}
