package io.kveik.bench.replay;

import io.kveik.server.block.TurnEnd;

/**
 * A store as one client of a replay uses it. Made, used and closed by one thread; calls block.
 * Failures are {@link io.kveik.client.KveikException}.
 */
interface ReplayStore extends AutoCloseable {
  /** Asks for the longest cached prefix. */
  Prefix lookup(Prompt prompt);

  /**
   * Writes blocks of a prompt, so many at a time as the plan says, and returns when none is under
   * way. What is refused is counted.
   *
   * @param from the first; all after it are written, too
   */
  void write(Prompt prompt, int from) throws InterruptedException;

  /** Tells why the turn of a prompt ended, where the wire has a way to. */
  void turnEnded(Prompt prompt, TurnEnd end);

  @Override
  void close();

  /** What a lookup found. */
  interface Prefix {
    /** Blocks from the first on, as the store says. */
    int blocks();

    /**
     * Reads them, in order.
     *
     * @param count how many, at most {@link #blocks}
     */
    void read(int count, Reader reader);
  }

  /** Takes what is read. */
  @FunctionalInterface
  interface Reader {
    void accept(int index, BlockRead read);
  }

  /** What came of reading one block. */
  sealed interface BlockRead {
    /** It had gone. */
    record Missing() implements BlockRead {}

    /** It was there, and all of it as it was written. */
    record Right() implements BlockRead {}

    /**
     * Something else came.
     *
     * @param bytes of the payload that differ, are missing or too many; 0 when what differs is what
     *     it says of itself
     */
    record Wrong(long bytes) implements BlockRead {}
  }
}
