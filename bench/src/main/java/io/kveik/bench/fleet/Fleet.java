package io.kveik.bench.fleet;

import io.kveik.bench.load.Counts;
import io.kveik.bench.load.LoadFailedException;
import io.kveik.bench.load.LoadGenerator;
import io.kveik.bench.load.Measurement;
import io.kveik.bench.load.Point;
import io.kveik.bench.load.Slice;
import io.kveik.bench.load.Workload;
import io.kveik.bench.run.StopSignal;
import io.kveik.bench.store.StoreAddress;
import io.kveik.bench.store.StoreSettings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Clients dealt out to several worker processes. Each writes its part of the working set, all read
 * all of it. They are given each order at the same time; what they measured is merged.
 */
public final class Fleet implements LoadGenerator {
  private final List<WorkerProcess> workers = new ArrayList<>();
  private final Thread stopper;

  /**
   * Starts the processes.
   *
   * @param clients the most that are used at a time, over all
   */
  public Fleet(
      Workload workload, StoreSettings settings, int clients, int processes, StopSignal stop)
      throws IOException {
    Point most = new Point(clients, 0);
    boolean started = false;
    try {
      for (int i = 0; i < processes; i++) {
        // A process without clients of its own still has one, to find the working set with.
        int own = Math.max(1, most.part(i, processes).concurrency());
        workers.add(
            WorkerProcess.start(new Setup(workload, settings, own, new Slice(i, processes))));
      }
      started = true;
    } finally {
      if (!started) {
        workers.forEach(WorkerProcess::close);
      }
    }
    stopper = Thread.ofPlatform().daemon().name("fleet-stop").start(() -> stopOn(stop));
  }

  @Override
  public void prepare(String store, StoreAddress address)
      throws LoadFailedException, InterruptedException {
    all(_ -> Order.connect(store, address));
    all(_ -> Order.store(store));
    all(_ -> Order.locate(store));
  }

  @Override
  public Measurement run(String store, Point point, long millis)
      throws LoadFailedException, InterruptedException {
    List<Answer> answers = all(i -> Order.run(store, point.part(i, workers.size()), millis));
    return answers.stream()
        .map(Answer::measurement)
        .map(MeasurementJson::read)
        .reduce(Measurement::plus)
        .orElseThrow();
  }

  @Override
  public Counts live() {
    return workers.stream().map(WorkerProcess::live).reduce(Counts.NONE, Counts::plus);
  }

  @Override
  public void close() {
    stopper.interrupt();
    workers.forEach(WorkerProcess::close);
  }

  private List<Answer> all(IntFunction<Order> orders)
      throws LoadFailedException, InterruptedException {
    for (int i = 0; i < workers.size(); i++) {
      workers.get(i).give(orders.apply(i));
    }
    List<Answer> answers = new ArrayList<>();
    for (WorkerProcess worker : workers) {
      answers.add(worker.await());
    }
    for (Answer answer : answers) {
      if (answer.kind() == Answer.Kind.FAILED) {
        throw new LoadFailedException(String.valueOf(answer.failure()));
      }
    }
    return answers;
  }

  private void stopOn(StopSignal stop) {
    try {
      stop.awaitRequest();
      workers.forEach(WorkerProcess::stop);
    } catch (InterruptedException e) {
      // The fleet is closing.
    }
  }
}
