package io.kveik.bench.fleet;

import com.google.gson.Gson;
import com.google.gson.JsonSyntaxException;
import io.kveik.bench.load.Counts;
import io.kveik.server.process.JavaCommand;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A worker as its parent sees it: a JVM with this one's flags. It ends with this process, since its
 * input ends then. One thread gives orders; {@link #live} is for any.
 */
final class WorkerProcess implements AutoCloseable {
  private static final Gson GSON = new Gson();
  private static final String MAIN_CLASS = "io.kveik.server.Main";
  private static final List<String> ARGUMENTS = List.of("bench", "worker");
  private static final long EXIT_SECONDS = 10;

  private final Process process;
  private final PrintWriter orders;
  private final BlockingQueue<Answer> answers = new LinkedBlockingQueue<>();
  private volatile Counts live = Counts.NONE;

  private WorkerProcess(Process process) {
    this.process = process;
    this.orders = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
  }

  /** Starts one; what it has to say to people goes to standard error. */
  static WorkerProcess start(Setup setup) throws IOException {
    List<String> flags = ManagementFactory.getRuntimeMXBean().getInputArguments();
    List<String> command = new ArrayList<>(JavaCommand.of(flags, MAIN_CLASS));
    command.addAll(ARGUMENTS);
    WorkerProcess worker =
        new WorkerProcess(new ProcessBuilder(command).redirectError(Redirect.INHERIT).start());
    Thread.ofPlatform().daemon().name("answers-of-worker").start(worker::readAnswers);
    worker.orders.println(GSON.toJson(setup));
    return worker;
  }

  /** Gives an order; {@link #await} waits for its answer. */
  void give(Order order) {
    live = Counts.NONE;
    orders.println(GSON.toJson(order));
  }

  /** Waits for the answer to the order that was given last. */
  Answer await() throws InterruptedException {
    return answers.take();
  }

  /** Has what is in progress end early. */
  void stop() {
    orders.println(GSON.toJson(Order.stop()));
  }

  /** What the order in progress has counted so far. */
  Counts live() {
    return live;
  }

  /** Ends the process. */
  @Override
  public void close() {
    orders.close();
    try {
      if (!process.waitFor(EXIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private void readAnswers() {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        Answer answer = GSON.fromJson(line, Answer.class);
        if (answer.kind() == Answer.Kind.LIVE && answer.live() != null) {
          live = answer.live();
        } else {
          answers.add(answer);
        }
      }
      answers.add(Answer.failed("a client process has ended"));
    } catch (IOException | JsonSyntaxException e) {
      answers.add(Answer.failed("a client process can't be understood: " + e.getMessage()));
    }
  }
}
