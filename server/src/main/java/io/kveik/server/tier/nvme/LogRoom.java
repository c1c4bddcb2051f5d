package io.kveik.server.tier.nvme;

import java.io.IOException;

/** Room at the young end of the log. Any thread. */
final class LogRoom {
  /** Rounds of making room for one record; others may take what was made. */
  private static final int ATTEMPTS = 64;

  private final Cleaner cleaner;
  private final SegmentLog segments;

  LogRoom(Cleaner cleaner, SegmentLog segments) {
    this.cleaner = cleaner;
    this.segments = segments;
  }

  /** Room for a record could not be made, whatever left. */
  private static final class NoRoomException extends IOException {
    private static final long serialVersionUID = 1;

    NoRoomException() {
      super("nvme.bytes: every segment is being written");
    }
  }

  /**
   * Sees to it that a segment can be begun, as far as that can be done. Without the lock of a key:
   * freeing a segment takes those of the blocks in it.
   *
   * @param attempt how often it has been asked for one record; from 1 on whoever frees a segment is
   *     waited for
   * @throws IOException when that was in vain too often, or a segment could not be freed
   */
  void require(int attempt) throws IOException {
    if (attempt == ATTEMPTS) {
      throw new NoRoomException();
    }
    cleaner.makeRoom(attempt > 0);
    segments.prepare();
  }
}
