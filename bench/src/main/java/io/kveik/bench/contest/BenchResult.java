package io.kveik.bench.contest;

import io.kveik.bench.endpoint.ProcessFigures;
import io.kveik.bench.load.Counts;
import io.kveik.bench.peer.Contender;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What came of a run.
 *
 * @param plan how it was run
 * @param started when
 * @param machine what it ran on
 * @param stores the contenders, the measured store first
 * @param complete whether all was measured
 * @param failure what ended it early, unless it was asked to end
 * @param client what this process used at the end
 */
public record BenchResult(
    BenchPlan plan,
    Instant started,
    Machine machine,
    List<StoreFigures> stores,
    boolean complete,
    Optional<String> failure,
    ProcessFigures client) {
  /** The store that was to be measured. */
  public StoreFigures subject() {
    return stores.getFirst();
  }

  /** The measured store against every other contender, at every point that both have. */
  public List<Ratio> ratios() {
    return stores.stream()
        .filter(store -> store.role() != Contender.Role.SUBJECT)
        .flatMap(store ->
            store.points().stream()
                .flatMap(theirs ->
                    subject()
                        .at(theirs.point().concurrency())
                        .map(own -> Ratio.of(own, store, theirs))
                        .stream()))
        .toList();
  }

  /** What was counted against the measured store, over all points. */
  public Counts counts() {
    return subject().points().stream()
        .map(OperatingPoint::counts)
        .reduce(Counts.NONE, Counts::plus);
  }

  /** Whether it did what it was to do: nothing wrong, no failure, and something done at all. */
  public boolean isGood() {
    boolean nothingWrong =
        stores.stream()
            .flatMap(store -> store.points().stream())
            .allMatch(point -> point.counts().wrongBlocks() == 0);
    return failure.isEmpty() && nothingWrong && (!complete || counts().calls() > 0);
  }
}
