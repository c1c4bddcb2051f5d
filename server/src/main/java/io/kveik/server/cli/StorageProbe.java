package io.kveik.server.cli;

import io.kveik.server.config.Configuration;
import java.io.IOException;
import java.nio.file.Path;

/** Tries the storage that a server would have; the composition root gives it to the doctor. */
public interface StorageProbe {
  /** What a try came to. */
  sealed interface Outcome {
    /**
     * One block was written, read back and deleted.
     *
     * @param blocks held there already
     * @param heldBytes that they take
     */
    record Works(long blocks, long heldBytes) implements Outcome {}

    /** Another process has it open, which only a server does. */
    record InUse() implements Outcome {}

    /** A step failed; the reason names it. */
    record Broken(String reason) implements Outcome {}
  }

  /** Where a server with this configuration keeps what it keeps. */
  Path dataDirectory(Configuration config);

  /**
   * Opens the fs tier as a server would, and writes, reads and deletes a block. Leaves no block
   * behind; may make the tier's directories.
   *
   * @param dataDirectory one that exists
   * @throws IOException when the tier can't be opened
   */
  Outcome tryStorage(Path dataDirectory, Configuration config) throws IOException;
}
