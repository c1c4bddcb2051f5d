package io.kveik.server.tier.object.presence;

import io.kveik.server.runtime.Workers;

/** Where work that blocks on the store runs. */
interface Background extends AutoCloseable {
  /** False when there is no room for it: it will not run. */
  boolean tryExecute(Runnable task);

  /** Returns when nothing runs any more. */
  @Override
  void close();

  /** On threads of their own, at least two: a rebuild takes one for long. */
  static Background on(Workers workers) {
    return new Background() {
      @Override
      public boolean tryExecute(Runnable task) {
        return workers.tryExecute(task);
      }

      @Override
      public void close() {
        workers.close();
      }
    };
  }
}
