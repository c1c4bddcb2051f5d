package io.kveik.client;

import java.util.Optional;

/** Takes the blocks of {@link KveikClient#readAll} one by one, in the order of the request. */
@FunctionalInterface
public interface BlockConsumer {
  /**
   * Takes one block. It is closed when this method returns, so copy what has to outlive it. An
   * exception thrown here ends the whole read and reaches the caller as it is.
   *
   * @param index the place of the block's reference in the request
   * @param block the block, or empty when it was a miss
   */
  void accept(int index, Optional<Block> block);
}
