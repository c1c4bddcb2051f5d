package io.kveik.server.tier.nvme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ReadWindowTest {
  private static final int PAGE = (int) RecordDescriptor.PAGE_BYTES;

  private final List<Thread> threads = new ArrayList<>();
  private final AtomicInteger reading = new AtomicInteger();
  private final CountDownLatch end = new CountDownLatch(1);

  @Test
  void whatDoesNotFitWaitsAndComesInOrder() throws Exception {
    ReadWindow window = new ReadWindow(4 * PAGE - 1);
    try (ReadWindow.Turn _ = window.take(3 * PAGE)) {
      Thread large = read(window, 2 * PAGE);
      await().until(() -> waits(large));
      // It would fit, but another came first.
      Thread small = read(window, 1);
      await().until(() -> waits(small));
      assertThat(reading).hasValue(0);
    }
    await().until(() -> reading.get() == 2);
    endAll();
  }

  @Test
  void aReadLongerThanTheWindowHasItToItself() throws Exception {
    ReadWindow window = new ReadWindow(2 * PAGE);
    try (ReadWindow.Turn _ = window.take(100L * PAGE)) {
      Thread other = read(window, 1);
      await().until(() -> waits(other));
      assertThat(reading).hasValue(0);
    }
    await().until(() -> reading.get() == 1);
    endAll();
  }

  private Thread read(ReadWindow window, long bytes) {
    Thread thread =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              try (ReadWindow.Turn _ = window.take(bytes)) {
                reading.incrementAndGet();
                end.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    threads.add(thread);
    return thread;
  }

  private static boolean waits(Thread thread) {
    return thread.getState() == Thread.State.WAITING;
  }

  private void endAll() throws InterruptedException {
    end.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
  }
}
