package io.kveik.bench.fleet;

import com.google.gson.Gson;
import io.kveik.bench.load.LoadFailedException;
import io.kveik.bench.load.LocalGenerator;
import io.kveik.bench.load.Measurement;
import io.kveik.bench.run.StopSignal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The child's side: carries orders out, one after the other, and says what it has counted so far
 * while it does. Ends when its input ends.
 */
public final class Worker {
  private static final Gson GSON = new Gson();
  private static final long LIVE_MILLIS = 500;

  private final BufferedReader in;
  private final PrintWriter out;
  private final StopSignal stop;

  /** The parent sends one order at a time and perhaps a stop; the end is one more. */
  private final BlockingQueue<Optional<Order>> orders = new LinkedBlockingQueue<>();

  /**
   * @param stop ends what is in progress early; a stop order gives it too
   */
  public Worker(BufferedReader in, PrintWriter out, StopSignal stop) {
    this.in = in;
    this.out = out;
    this.stop = stop;
  }

  /** Works until the input ends. */
  public void run() throws IOException, InterruptedException {
    String first = in.readLine();
    if (first == null) {
      return;
    }
    Setup setup = GSON.fromJson(first, Setup.class);
    try (LocalGenerator generator =
        new LocalGenerator(
            setup.workload(), setup.settings(), setup.clients(), setup.slice(), stop)) {
      Thread.ofPlatform().daemon().name("orders").start(this::readOrders);
      for (Optional<Order> next = orders.take(); next.isPresent(); next = orders.take()) {
        say(carryOutWhileTelling(next.get(), generator));
      }
    }
  }

  private void readOrders() {
    try {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        Order order = GSON.fromJson(line, Order.class);
        if (order.kind() == Order.Kind.STOP) {
          stop.request();
        } else {
          orders.add(Optional.of(order));
        }
      }
    } catch (IOException e) {
      // The parent has gone: the same as the end of the input.
    }
    stop.request();
    orders.add(Optional.empty());
  }

  private Answer carryOutWhileTelling(Order order, LocalGenerator generator)
      throws InterruptedException {
    Thread teller =
        Thread.ofPlatform().daemon().name("teller").start(() -> tellUntilInterrupted(generator));
    try {
      return carryOut(order, generator);
    } catch (LoadFailedException | RuntimeException e) {
      return Answer.failed(String.valueOf(e.getMessage()));
    } finally {
      teller.interrupt();
      teller.join();
    }
  }

  private static Answer carryOut(Order order, LocalGenerator generator)
      throws LoadFailedException, InterruptedException {
    switch (order.kind()) {
      case CONNECT ->
          generator.connect(order.store(), Objects.requireNonNull(order.address(), "address"));
      case STORE -> generator.store(order.store());
      case LOCATE -> generator.locate(order.store());
      case RUN -> {
        Measurement measurement =
            generator.run(
                order.store(), Objects.requireNonNull(order.point(), "point"), order.millis());
        return Answer.done(MeasurementJson.write(measurement));
      }
      case STOP -> throw new IllegalStateException("a stop is not queued");
    }
    return Answer.done();
  }

  private void tellUntilInterrupted(LocalGenerator generator) {
    try {
      while (true) {
        TimeUnit.MILLISECONDS.sleep(LIVE_MILLIS);
        say(Answer.live(generator.live()));
      }
    } catch (InterruptedException e) {
      // The order has been carried out.
    }
  }

  private synchronized void say(Answer answer) {
    out.println(GSON.toJson(answer));
    out.flush();
  }
}
