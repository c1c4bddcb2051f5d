package io.kveik.server.runtime;

/**
 * Starts threads that live as long as what they serve, such as a connection, and that may block for
 * as long. How many there may be is for the owner of what they serve to bound; work that comes and
 * goes runs on {@link Workers}.
 */
public final class Threads {
  private Threads() {}

  /** A running daemon thread of the platform's. */
  public static Thread start(String name, Runnable task) {
    Thread thread = Thread.ofPlatform().daemon().name(name).unstarted(task);
    ThreadStarter.run(thread::start);
    return thread;
  }
}
