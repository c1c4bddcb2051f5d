package io.kveik.server.codec;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;

/**
 * A limited number of {@link Workspace}s, made when first needed. Any thread; one that comes when
 * all are in use waits until another has encoded or decoded its payload.
 */
final class WorkspacePool implements AutoCloseable {
  private final int limit;
  private final Semaphore free;
  private final Queue<Workspace> idle = new ConcurrentLinkedQueue<>();
  private volatile boolean closed;

  WorkspacePool(int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("workspaces: " + limit + ", must be 1 or more");
    }
    this.limit = limit;
    this.free = new Semaphore(limit, true);
  }

  /**
   * A workspace of the caller's own until it is given back.
   *
   * @throws IllegalStateException when the pool is closed
   */
  Workspace take() {
    free.acquireUninterruptibly();
    boolean taken = false;
    try {
      if (closed) {
        throw new IllegalStateException("the codec is closed");
      }
      Workspace ready = idle.poll();
      Workspace workspace = ready == null ? new Workspace() : ready;
      taken = true;
      return workspace;
    } finally {
      if (!taken) {
        free.release();
      }
    }
  }

  void giveBack(Workspace workspace) {
    idle.add(workspace);
    free.release();
  }

  /** Waits for those in use; idempotent. */
  @Override
  public void close() {
    closed = true;
    free.acquireUninterruptibly(limit);
    try {
      for (Workspace workspace = idle.poll(); workspace != null; workspace = idle.poll()) {
        workspace.close();
      }
    } finally {
      free.release(limit);
    }
  }
}
