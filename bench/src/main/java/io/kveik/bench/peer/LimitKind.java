package io.kveik.bench.peer;

import java.io.IOException;
import java.util.Locale;

/** Limits of the machine that a run may be compared with, measured by the same calls. */
public enum LimitKind {
  /** A copy from cold memory, within the process. */
  MEMCPY,
  /** Request and response over the loopback address. */
  TCP,
  /** Request and response over a Unix socket. */
  UNIX,
  /** A file, past the page cache. */
  DISK;

  /** Its name in reports. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Starts what it takes.
   *
   * @param blockBytes payload of a block
   * @param slots blocks of the working set
   */
  public Contender start(int blockBytes, int slots) throws IOException {
    return switch (this) {
      case MEMCPY -> new CopyLimit();
      case TCP -> SlotServer.start(this, PeerSettings.SocketKind.TCP, blockBytes, slots);
      case UNIX -> SlotServer.start(this, PeerSettings.SocketKind.UNIX, blockBytes, slots);
      case DISK -> DiskLimit.create(blockBytes);
    };
  }
}
