package io.kveik.server.cache;

import java.util.concurrent.atomic.LongAdder;

/** What the engine counts, a catalogue. All only ever grow; any thread may read them. */
public final class EngineCounters {
  /** Full blocks asked for in lookups. */
  public final LongAdder lookupBlocks = new LongAdder();

  /** Of those, part of a prefix that was found. */
  public final LongAdder lookupHits = new LongAdder();

  /** Questions that lookups put to tiers. */
  public final LongAdder probes = new LongAdder();

  /** Of those, answered with a block. */
  public final LongAdder probesFound = new LongAdder();

  /** Reads answered from DRAM. */
  public final LongAdder memoryHits = new LongAdder();

  /** Reads answered from a tier below. */
  public final LongAdder lowerHits = new LongAdder();

  public final LongAdder readMisses = new LongAdder();

  /** Cold reads that waited for another's fetch instead of starting one. */
  public final LongAdder sharedFetches = new LongAdder();

  /** Cold reads whose block did not enter DRAM. */
  public final LongAdder servedFromBelow = new LongAdder();

  /** Blocks a tier found corrupt and quarantined. */
  public final LongAdder corrupt = new LongAdder();

  /** Blocks stored by a write. */
  public final LongAdder stored = new LongAdder();

  /** Writes of a block that was there already. */
  public final LongAdder alreadyPresent = new LongAdder();

  /** Writes refused because no memory could be made free. */
  public final LongAdder writesRefused = new LongAdder();

  /** Writes that DRAM did not take in, as no lookup would have reached them. */
  public final LongAdder notAdmitted = new LongAdder();

  /** Blocks evicted from DRAM. */
  public final LongAdder memoryEvictions = new LongAdder();

  public final LongAdder expired = new LongAdder();

  /** Blocks deleted by control operations. */
  public final LongAdder deleted = new LongAdder();

  /** Blocks given another priority. */
  public final LongAdder prioritised = new LongAdder();

  /** Blocks given another time to live. */
  public final LongAdder ttlsSet = new LongAdder();

  /** Stored blocks that another eviction policy has from now on. */
  public final LongAdder policiesChanged = new LongAdder();

  public final LongAdder pinned = new LongAdder();

  /** Blocks unpinned by their callers. */
  public final LongAdder unpinned = new LongAdder();

  /** Blocks brought to DRAM by prefetches. */
  public final LongAdder prefetched = new LongAdder();

  /** Blocks described by queries. */
  public final LongAdder queried = new LongAdder();

  /** Control operations refused by a limit. */
  public final LongAdder controlRefused = new LongAdder();

  /** Times that a journal could not be rid of what it no longer needs. */
  public final LongAdder journalFailures = new LongAdder();

  /** Lookups and reads that ran into their budget. */
  public final LongAdder overBudget = new LongAdder();
}
