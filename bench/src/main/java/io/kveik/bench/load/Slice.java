package io.kveik.bench.load;

/**
 * One of several processes.
 *
 * @param process its number, from 0
 * @param processes how many there are
 */
public record Slice(int process, int processes) {
  /** A process that is alone. */
  public static final Slice WHOLE = new Slice(0, 1);

  /** The most processes. */
  public static final int MAX_PROCESSES = 64;

  /** Whether a chain is for this process to write. */
  boolean has(int chain) {
    return chain % processes == process;
  }
}
