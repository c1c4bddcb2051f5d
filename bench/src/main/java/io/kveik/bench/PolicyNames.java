package io.kveik.bench;

import io.kveik.bench.whatif.BlockTrace;
import io.kveik.bench.whatif.Candidate;
import io.kveik.bench.whatif.PrefillCost;
import io.kveik.bench.whatif.reference.Reference;
import io.kveik.server.cache.eviction.BlockValue;
import io.kveik.server.cache.eviction.PolicyKind;
import io.kveik.server.cli.Terminal;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;

/**
 * What a user calls the candidates of {@code what-if}, and groups of them. Immutable.
 *
 * @param names each known, each once
 */
record PolicyNames(SequencedSet<String> names) {
  /** All that a server can be set to. */
  private static final String ALL = "all";

  /** Those of the table of others' figures. */
  private static final String TABLE = "table";

  private static final String DEFAULT_BY_COST = "default-by-cost";

  /**
   * Reads what a user wrote.
   *
   * @throws IllegalArgumentException with a message for the user when one is not known
   */
  static PolicyNames parse(List<String> written) {
    SequencedSet<String> names = new LinkedHashSet<>();
    for (String name : written) {
      switch (name) {
        case ALL -> names.addAll(kinds());
        case TABLE -> names.addAll(table());
        default -> {
          if (!known().contains(name)) {
            throw new IllegalArgumentException(
                "--policy: '%s' is not one of all, table, %s"
                    .formatted(Terminal.safe(name), String.join(", ", known())));
          }
          names.add(name);
        }
      }
    }
    return new PolicyNames(names);
  }

  /** What they stand for, in the order of their names. */
  List<Candidate> candidates(PrefillCost cost, BlockTrace trace) {
    return names.stream().map(name -> candidate(name, cost, trace)).toList();
  }

  private static Candidate candidate(String name, PrefillCost cost, BlockTrace trace) {
    if (name.equals(DEFAULT_BY_COST)) {
      double doublesAtDepth = cost.doublesAtTokens() / trace.tokensPerId();
      return new Candidate.Policy(
          name, PolicyKind.defaultBy(BlockValue.costPerByte(doublesAtDepth)));
    }
    for (Reference reference : Reference.values()) {
      if (reference.key().equals(name)) {
        return reference.candidate();
      }
    }
    return new Candidate.Policy(name, PolicyKind.ofKey(name));
  }

  private static List<String> known() {
    List<String> known = new ArrayList<>(kinds());
    known.add(DEFAULT_BY_COST);
    for (Reference reference : Reference.values()) {
      known.add(reference.key());
    }
    return known;
  }

  private static List<String> kinds() {
    List<String> kinds = new ArrayList<>();
    for (PolicyKind kind : PolicyKind.values()) {
      kinds.add(kind.key());
    }
    return kinds;
  }

  private static List<String> table() {
    return List.of(
        Reference.LRU_ROOT_FIRST.key(),
        PolicyKind.LRU.key(),
        Reference.S3_FIFO.key(),
        Reference.W_TINYLFU.key(),
        PolicyKind.ARC.key(),
        Reference.SIEVE.key(),
        Reference.HIT_DENSITY.key());
  }
}
