package io.kveik.server.cache;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Outlives the engine that wrote it, as a file does; fails when told to. Any thread. */
final class MemoryJournal<T> implements Journal<T> {
  private List<T> entries = new ArrayList<>();
  private boolean failing;

  /** From now on nothing can be written, or everything again. */
  synchronized void fail(boolean from) {
    failing = from;
  }

  @Override
  public synchronized List<T> recovered() {
    return List.copyOf(entries);
  }

  @Override
  public synchronized long records() {
    return entries.size();
  }

  @Override
  public synchronized void append(Collection<? extends T> more) throws IOException {
    check();
    entries.addAll(more);
  }

  @Override
  public synchronized void rewrite(Collection<? extends T> all) throws IOException {
    check();
    entries = new ArrayList<>(all);
  }

  @Override
  public void close() {}

  private void check() throws IOException {
    if (failing) {
      throw new IOException("told to fail");
    }
  }
}
