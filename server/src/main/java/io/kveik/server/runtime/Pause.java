package io.kveik.server.runtime;

/** Makes background work wait, on its own thread. */
@FunctionalInterface
public interface Pause {
  /** Returns early when the thread is interrupted, and leaves it so. */
  void millis(long millis);

  /** The real thing. */
  static Pause system() {
    return millis -> {
      try {
        Thread.sleep(millis);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    };
  }
}
