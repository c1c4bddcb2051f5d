package io.kveik.server.config;

/** A setting that can't be used; the message names it, its value and what would be legal. */
public final class ConfigException extends RuntimeException {
  public ConfigException(String message) {
    super(message);
  }
}
