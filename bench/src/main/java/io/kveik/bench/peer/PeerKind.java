package io.kveik.bench.peer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Stores to compare with. Each is started as a child process: no persistence, memory for the run's
 * blocks, its own defaults for all else.
 */
public enum PeerKind {
  /** redis-server. */
  REDIS("Redis"),
  /** memcached. */
  MEMCACHED("memcached"),
  /** Azurite, the emulator of Azure Blob Storage. */
  OBJECT("Azurite");

  private final String title;

  PeerKind(String title) {
    this.title = title;
  }

  /** Its name on the command line and in reports. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Its name for people. */
  public String title() {
    return title;
  }

  /**
   * Refuses early what can't be started.
   *
   * @throws IllegalArgumentException when its program is not there; says how to get it
   */
  public void check() {
    switch (this) {
      case REDIS -> RedisServer.check();
      case MEMCACHED -> MemcachedServer.check();
      case OBJECT -> AzuriteServer.check();
    }
  }

  /** Starts it and waits until it serves. */
  public Contender start(PeerSettings settings) throws IOException {
    // A short name: the path of a Unix socket has at most 107 bytes.
    Path directory = Files.createTempDirectory("kveik-peer-");
    boolean started = false;
    try {
      Contender peer =
          switch (this) {
            case REDIS -> RedisServer.start(settings, directory);
            case MEMCACHED -> MemcachedServer.start(settings, directory);
            case OBJECT -> AzuriteServer.start(settings, directory);
          };
      started = true;
      return peer;
    } finally {
      if (!started) {
        Files.deleteIfExists(directory);
      }
    }
  }
}
