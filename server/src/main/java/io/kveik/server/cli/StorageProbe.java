package io.kveik.server.cli;

import io.kveik.server.config.Configuration;
import java.nio.file.Path;
import java.util.List;

/** Tries the storage that a server would have; the composition root gives it to the doctor. */
public interface StorageProbe {
  /**
   * One tier below DRAM.
   *
   * @param tier its name
   * @param local true when it lies in the data directory
   * @param outcome what its try came to
   */
  record Trial(String tier, boolean local, Outcome outcome) {}

  /** What a try came to. */
  sealed interface Outcome {
    /**
     * One block was written, read back and deleted.
     *
     * @param blocks held there already
     * @param heldBytes that they take
     * @param capacityBytes that it may take
     */
    record Works(long blocks, long heldBytes, long capacityBytes) implements Outcome {}

    /** Another process has it open, which only a server does. */
    record InUse() implements Outcome {}

    /** A step failed; the reason names it. */
    record Broken(String reason) implements Outcome {}
  }

  /** Where a server with this configuration keeps what it keeps. */
  Path dataDirectory(Configuration config);

  /**
   * Opens each tier as a server would, and writes, reads and deletes a block. Leaves no block
   * behind; may make the tiers' directories.
   *
   * @param dataDirectory one that exists
   * @return a trial for each tier below DRAM that is configured, top down
   */
  List<Trial> tryTiers(Path dataDirectory, Configuration config);
}
