package io.kveik.bench.contest;

import io.kveik.bench.block.BlockContent;
import io.kveik.bench.endpoint.ProcessFigures;
import io.kveik.bench.load.Counts;
import io.kveik.bench.load.Measurement;
import io.kveik.bench.load.Point;
import io.kveik.bench.load.Workload;
import io.kveik.bench.report.HeatMap;
import io.kveik.bench.report.Latencies;
import io.kveik.bench.report.Operation;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/** Makes an operating point of the samples of its rounds. Stateless. */
final class Samples {
  private static final double GIGA = 1e9;

  private final Workload workload;
  private final List<Sample> samples;

  private Samples(Workload workload, List<Sample> samples) {
    this.workload = workload;
    this.samples = samples;
  }

  /** The medians and sums. */
  static OperatingPoint combine(Workload workload, Point point, List<Sample> samples) {
    return new Samples(workload, samples).combine(point);
  }

  private OperatingPoint combine(Point point) {
    HeatMap heat = new HeatMap(samples.getFirst().measurement().heat().columnSeconds());
    samples.forEach(sample -> heat.add(sample.measurement().heat()));
    return new OperatingPoint(
        point,
        samples.size(),
        samples.stream().mapToDouble(sample -> sample.measurement().seconds()).sum(),
        rate(Counts::calls),
        rate(Counts::calls) / workload.mix().callsPerIteration(),
        rate(Counts::blocksMoved) * BlockContent.TOKENS,
        gigabytes(rate(Counts::blocksMoved)),
        cpuPerGigabyte(),
        samples.getLast().figures().server().map(ProcessFigures::residentBytes),
        operations(),
        samples.stream().map(s -> s.measurement().counts()).reduce(Counts.NONE, Counts::plus),
        samples.stream().mapToLong(sample -> sample.measurement().offered()).sum(),
        heat);
  }

  private OptionalDouble cpuPerGigabyte() {
    List<Sample> known = new ArrayList<>(samples);
    known.removeIf(sample ->
        sample.figures().server().isEmpty() || sample.measurement().counts().blocksMoved() == 0);
    return known.isEmpty()
        ? OptionalDouble.empty()
        : OptionalDouble.of(
            Median.of(
                known,
                sample ->
                    sample.figures().serverCpuTime().toNanos()
                        / 1e9
                        / gigabytes((double) sample.measurement().counts().blocksMoved())));
  }

  private Map<Operation, OperationFigures> operations() {
    Map<Operation, OperationFigures> operations = new EnumMap<>(Operation.class);
    for (Operation operation : workload.operations()) {
      operations.put(
          operation,
          switch (operation) {
            case LOOKUP -> figures(operation, Counts::lookups, _ -> 0, Counts::failedLookups);
            case READ_BLOCK ->
                figures(operation, Counts::blocksRead, Counts::blocksRead, Counts::failedReads);
            case READ_STREAM ->
                figures(operation, Counts::reads, Counts::blocksRead, Counts::failedReads);
            case WRITE -> figures(operation, Counts::writes, Counts::writes, Counts::failedWrites);
          });
    }
    return operations;
  }

  private OperationFigures figures(
      Operation operation,
      ToLongFunction<Counts> count,
      ToLongFunction<Counts> blocks,
      ToLongFunction<Counts> errors) {
    return new OperationFigures(
        sum(count),
        rate(count),
        gigabytes(rate(blocks)),
        sum(errors),
        latency(latencies -> latencies.meanMicros(operation)),
        latency(latencies -> latencies.percentileMicros(operation, 50)),
        latency(latencies -> latencies.percentileMicros(operation, 90)),
        latency(latencies -> latencies.percentileMicros(operation, 99)),
        latency(latencies -> latencies.percentileMicros(operation, 99.9)),
        samples.stream()
            .mapToDouble(s -> s.measurement().latencies().percentileMicros(operation, 100))
            .max()
            .orElseThrow());
  }

  private long sum(ToLongFunction<Counts> count) {
    return samples.stream().mapToLong(s -> count.applyAsLong(s.measurement().counts())).sum();
  }

  private double rate(ToLongFunction<Counts> count) {
    return Median.of(
        samples,
        sample -> {
          Measurement measurement = sample.measurement();
          return count.applyAsLong(measurement.counts()) / measurement.seconds();
        });
  }

  private double latency(ToDoubleFunction<Latencies> figure) {
    return Median.of(samples, s -> figure.applyAsDouble(s.measurement().latencies()));
  }

  private double gigabytes(double blocks) {
    return blocks * workload.blockBytes() / GIGA;
  }
}
