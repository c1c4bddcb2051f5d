package io.kveik.client.data;

/** Reads blocks where the server has them. */
@FunctionalInterface
public interface BlockReader {
  /**
   * Reads one block, on the thread that borrowed it. What it throws comes out of the call that
   * borrowed; the leases end all the same.
   *
   * @param index of the block in the list of ids
   * @param block good until this returns
   */
  void read(int index, BorrowedBlock block);
}
