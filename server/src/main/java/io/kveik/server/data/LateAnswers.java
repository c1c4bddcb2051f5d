package io.kveik.server.data;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * What a connection waited for and has to send now. Storage and timer threads put it in and never
 * wait; the connection's second thread takes it out. As long as what may be waited for: the cold
 * blocks and the requests of one connection.
 */
final class LateAnswers {
  /** An answer that is ready. */
  sealed interface Late {
    record Block(Answers.Arrival arrival) implements Late {}

    record Single(Answers.Reply reply) implements Late {}
  }

  private final Queue<Late> arrived = new ConcurrentLinkedQueue<>();
  private final Semaphore wake = new Semaphore(0);
  private final Allowance matchBytes;
  private volatile boolean closed;

  /**
   * @param matchBytes gets back what answers hold that nobody will send
   */
  LateAnswers(Allowance matchBytes) {
    this.matchBytes = matchBytes;
  }

  /** Takes it over, also when nobody will send it any more. */
  void add(Late late) {
    arrived.add(late);
    if (closed) {
      discard();
    }
    wake.release();
  }

  /**
   * Waits until there may be something.
   *
   * @return false once this is closed
   */
  boolean await() {
    wake.acquireUninterruptibly();
    wake.drainPermits();
    return !closed;
  }

  @Nullable Late poll() {
    return arrived.poll();
  }

  /** Wakes the one who waits; what is here and what still comes is given back. Idempotent. */
  void close() {
    closed = true;
    discard();
    wake.release();
  }

  private void discard() {
    Late late;
    while ((late = arrived.poll()) != null) {
      switch (late) {
        case Late.Block(Answers.Arrival arrival) -> arrival.fetched().close();
        case Late.Single(Answers.Reply.Matched matched) -> matchBytes.giveBack(matched.heapBytes());
        case Late.Single(Answers.Reply.Stored _) -> {}
      }
    }
  }
}
