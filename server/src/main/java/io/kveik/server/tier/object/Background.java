package io.kveik.server.tier.object;

import io.kveik.server.runtime.Pause;
import io.kveik.server.runtime.Workers;

/** Where work that blocks on the store, and that no call waits for, runs and waits. Any thread. */
public interface Background extends AutoCloseable {
  /** False when there is no room for it: it will not run. */
  boolean tryExecute(Runnable task);

  /** Makes such work wait, on its own thread. */
  void pause(long millis);

  /** Returns when nothing runs any more. */
  @Override
  void close();

  /** On threads of their own, at least two: learning all of a container takes one for long. */
  static Background on(Workers workers) {
    Pause pause = Pause.system();
    return new Background() {
      @Override
      public boolean tryExecute(Runnable task) {
        return workers.tryExecute(task);
      }

      @Override
      public void pause(long millis) {
        pause.millis(millis);
      }

      @Override
      public void close() {
        workers.close();
      }
    };
  }
}
