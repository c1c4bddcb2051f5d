package io.kveik.bench.peer;

import io.kveik.bench.endpoint.DramSizing;
import io.kveik.bench.report.ByteSizes;
import java.util.ArrayList;
import java.util.List;

/** The contenders of a run, which end with it, the last first. Belongs to one thread. */
public final class Lineup implements AutoCloseable {
  private final List<Contender> contenders = new ArrayList<>();

  /**
   * Refuses a run whose stores would not fit this machine.
   *
   * @param settings of a peer; the server is reckoned as another one
   * @throws IllegalArgumentException when they need more than three quarters of its memory
   */
  public static void checkMemory(PeerSettings settings, int slots, int peers, int limits) {
    if (peers + limits == 0) {
      return;
    }
    long needed =
        settings.memoryBytes() * (1 + peers) + (long) slots * settings.blockBytes() * limits;
    long most = DramSizing.mostDramBytes() / 2 * 3;
    if (needed > most) {
      throw new IllegalArgumentException(
          "the stores to compare need %s of memory together, three quarters of this machine's are"
                  .formatted(ByteSizes.format(needed))
              + " %s; take fewer --blocks or fewer of --against".formatted(ByteSizes.format(most)));
    }
  }

  /** Takes one over. */
  public void add(Contender contender) {
    contenders.add(contender);
  }

  /** All of them, in the order they came. */
  public List<Contender> contenders() {
    return List.copyOf(contenders);
  }

  @Override
  public void close() {
    contenders.reversed().forEach(Contender::close);
  }
}
