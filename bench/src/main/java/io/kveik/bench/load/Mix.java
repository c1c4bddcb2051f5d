package io.kveik.bench.load;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** What a client does over and over. */
public enum Mix {
  /** Reads of random blocks of the working set. */
  READ(0, 1, 0),
  /** Writes of new blocks. */
  WRITE(0, 0, 1),
  /** Lookups of random chains of the working set. */
  LOOKUP(1, 0, 0),
  /** Seven lookups, six reads and three writes, in this order. */
  MIXED(7, 6, 3);

  /** One call. */
  enum Step {
    /** Of a whole chain. */
    LOOKUP,
    /** Of a block, or of a chain where reads are streams. */
    READ,
    /** Of a block. */
    WRITE
  }

  private final int lookups;
  private final int reads;
  private final int writes;

  Mix(int lookups, int reads, int writes) {
    this.lookups = lookups;
    this.reads = reads;
    this.writes = writes;
  }

  /** Its name on the command line. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether there have to be blocks before it starts. */
  boolean needsWorkingSet() {
    return this != WRITE;
  }

  /** Whether new blocks come beside the working set. */
  boolean growsBesideWorkingSet() {
    return this == MIXED;
  }

  /** How many calls an iteration has. */
  public int callsPerIteration() {
    return lookups + reads + writes;
  }

  /** The calls of one iteration, in order. */
  List<Step> steps() {
    List<Step> steps = new ArrayList<>();
    steps.addAll(Collections.nCopies(lookups, Step.LOOKUP));
    steps.addAll(Collections.nCopies(reads, Step.READ));
    steps.addAll(Collections.nCopies(writes, Step.WRITE));
    return steps;
  }
}
