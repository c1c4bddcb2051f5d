package io.kveik.server.tier.nvme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class GroupCommitTest {
  /** A file whose syncs wait for the test. */
  private static final class SlowFile implements SegmentFile {
    final Semaphore maySync = new Semaphore(0);
    final CountDownLatch syncing = new CountDownLatch(1);
    final AtomicInteger syncs = new AtomicInteger();
    volatile boolean broken;

    @Override
    public long size() {
      return 0;
    }

    @Override
    public int read(ByteBuffer into, long position) {
      return -1;
    }

    @Override
    public int write(ByteBuffer from, long position) {
      return 0;
    }

    @Override
    public void writeGathered(List<MemorySegment> pieces, long position) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void rest() {}

    @Override
    public void force() throws IOException {
      syncing.countDown();
      maySync.acquireUninterruptibly();
      syncs.incrementAndGet();
      if (broken) {
        throw new IOException("told to");
      }
    }

    @Override
    public void close() {}
  }

  private final SlowFile file = new SlowFile();
  private final GroupCommit commit = new GroupCommit(file, true, new LongAdder());

  @Test
  void thoseWhoComeDuringASyncShareTheNext() throws Exception {
    int followers = 16;
    try (ExecutorService pool = Executors.newFixedThreadPool(followers + 1)) {
      List<Future<?>> commits = new ArrayList<>();
      commits.add(pool.submit(() -> commitUnchecked(null)));
      file.syncing.await();
      CountDownLatch started = new CountDownLatch(followers);
      for (int i = 0; i < followers; i++) {
        commits.add(pool.submit(() -> commitUnchecked(started)));
      }
      started.await();
      while (commit.waiting() < followers + 1) {
        Thread.onSpinWait();
      }
      file.maySync.release(2);
      for (Future<?> one : commits) {
        one.get();
      }
    }
    assertThat(file.syncs).hasValue(2);
  }

  private void commitUnchecked(@Nullable CountDownLatch started) {
    if (started != null) {
      started.countDown();
    }
    try {
      commit.commit();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void afterAFailureNothingIsDurableAnyMore() {
    file.maySync.release(10);
    file.broken = true;
    assertThatThrownBy(commit::commit).isInstanceOf(IOException.class);
    file.broken = false;
    assertThatThrownBy(commit::commit).isInstanceOf(IOException.class);
    assertThat(file.syncs).hasValue(1);
  }
}
