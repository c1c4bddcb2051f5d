package io.kveik.bench.movement;

/** What goes on beside the reads that are measured. */
public enum Background {
  /** Nothing. */
  NONE,
  /** Writers that keep the write-behind queue full, which gives way to reads. */
  POLITE,
  /** The same, and it takes no notice of reads. */
  GREEDY
}
