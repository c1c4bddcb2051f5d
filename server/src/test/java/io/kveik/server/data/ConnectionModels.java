package io.kveik.server.data;

import io.kveik.server.data.ModelLoad.Figures;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What each {@link ConnectionModel} makes of a server that does nothing but answer with 1.2 MB of
 * its memory: a process for each, all running at once, measured in turn by the same clients over
 * loopback TCP and over a Unix socket. Prints medians of the rounds for each number of clients, and
 * the median, least and most of the rounds' ratios to the first model's throughput.
 *
 * <p>Run {@code main [rounds [seconds [clients,clients...]]]}. The last column is how many clients
 * got no answer at all in the worst round. The table in docs/benchmarks.md is its output.
 */
final class ConnectionModels {
  private static final List<String> DEFAULTS = List.of("5", "0.5", "1,4,16,64");
  private static final int MOST_ROUNDS = 99;
  private static final double LEAST_SECONDS = 0.1;
  private static final double MOST_SECONDS = 60;
  private static final int MOST_CLIENTS = 512;
  private static final int WARM_UP_CLIENTS = 4;
  private static final Duration WARM_UP = Duration.ofSeconds(1);

  private ConnectionModels() {}

  /** One model over one kind of socket, and what was measured at one number of clients. */
  private record Way(
      String over, ModelServer server, SocketAddress address, List<Figures> rounds) {}

  public static void main(String[] arguments) throws Exception {
    List<String> given = new ArrayList<>(List.of(arguments));
    if (given.size() > DEFAULTS.size()) {
      throw new IllegalArgumentException("arguments: " + given + " are more than three");
    }
    given.addAll(DEFAULTS.subList(given.size(), DEFAULTS.size()));
    int rounds = within("rounds", given.get(0), Integer::valueOf, 1, MOST_ROUNDS);
    double seconds = within("seconds", given.get(1), Double::valueOf, LEAST_SECONDS, MOST_SECONDS);
    Duration round = Duration.ofMillis(Math.round(1_000 * seconds));
    List<Integer> loads =
        Stream.of(given.get(2).split(",", -1))
            .map(text -> within("clients", text, Integer::valueOf, 1, MOST_CLIENTS))
            .toList();
    List<ModelServer> servers = new ArrayList<>();
    try (ModelLoad load = new ModelLoad(Math.max(WARM_UP_CLIENTS, Collections.max(loads)))) {
      for (ConnectionModel model : ConnectionModel.values()) {
        servers.add(ModelServer.start(model));
      }
      List<Way> ways =
          Stream.concat(
                  servers.stream().map(s -> new Way("TCP", s, s.tcp(), new ArrayList<>())),
                  servers.stream().map(s -> new Way("Unix", s, s.unix(), new ArrayList<>())))
              .toList();
      for (Way way : ways) {
        load.measure(way.server(), way.address(), WARM_UP_CLIENTS, WARM_UP);
      }
      System.out.printf("seed %d, %d rounds of %s s%n", ModelLoad.SEED, rounds, seconds);
      for (int clients : loads) {
        measure(load, ways, clients, rounds, round);
        print(ways, clients);
      }
    } finally {
      for (ModelServer server : servers) {
        server.close();
      }
    }
  }

  private static <T extends Comparable<T>> T within(
      String field, String text, Function<String, T> parse, T least, T most) {
    try {
      T value = parse.apply(text);
      if (value.compareTo(least) >= 0 && value.compareTo(most) <= 0) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new IllegalArgumentException(
        "%s: '%s' is not a number from %s to %s".formatted(field, text, least, most));
  }

  /** Each round begins with another way; the first, of new threads, does not count. */
  private static void measure(
      ModelLoad load, List<Way> ways, int clients, int rounds, Duration duration) throws Exception {
    for (int round = 0; round <= rounds; round++) {
      for (int i = 0; i < ways.size(); i++) {
        Way way = ways.get((round + i) % ways.size());
        Figures figures = load.measure(way.server(), way.address(), clients, duration);
        if (round == 0) {
          way.rounds().clear();
        } else {
          way.rounds().add(figures);
        }
      }
    }
  }

  private static void print(List<Way> ways, int clients) {
    System.out.printf(
        "%nC=%-4d %-17s %5s  %-17s %9s %9s  %5s %7s%n",
        clients, "", "GB/s", "ratio", "p50 us", "p99 us", "s/GB", "starved");
    List<Figures> base = List.of();
    for (Way way : ways) {
      ConnectionModel model = way.server().model();
      if (model == ConnectionModel.PLATFORM_THREADS) {
        base = way.rounds();
      }
      List<Figures> first = base;
      double[] ratios =
          IntStream.range(0, first.size())
              .mapToDouble(r -> way.rounds().get(r).gbPerSecond() / first.get(r).gbPerSecond())
              .sorted()
              .toArray();
      System.out.printf(
          Locale.ROOT,
          "%-6s %-17s %5.2f  %4.2f (%4.2f, %4.2f) %9.0f %9.0f  %5.3f %7d%n",
          way.over(),
          model,
          median(way, Figures::gbPerSecond),
          ratios[ratios.length / 2],
          ratios[0],
          ratios[ratios.length - 1],
          median(way, Figures::p50Micros),
          median(way, Figures::p99Micros),
          median(way, Figures::cpuSecondsPerGb),
          way.rounds().stream().mapToLong(Figures::starved).max().orElseThrow());
    }
  }

  private static double median(Way way, ToDoubleFunction<Figures> figure) {
    double[] sorted = way.rounds().stream().mapToDouble(figure).sorted().toArray();
    return sorted[sorted.length / 2];
  }
}
