package io.kveik.bench.whatif;

import io.kveik.server.cache.eviction.EvictionPolicy;
import io.kveik.server.cache.eviction.PolicyKind;
import io.kveik.server.memory.RecordMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Runs DRAM over NVMe: what moves between them, and in which form NVMe keeps its blocks. A request
 * hits the longest prefix of its blocks that are in either tier; then all of them are in DRAM.
 *
 * @param reference one tier of the summed size under LRU
 */
public record TieredSimulation(BlockTrace trace, List<Row> rows, Hits reference) {
  private static final int SEGMENTS = 64;

  /** When a block is written to NVMe and leaves it. */
  public enum Movement {
    /** Written as soon as it comes into DRAM. */
    WRITE_THROUGH,
    /** Written when it leaves DRAM and isn't there; stays when it goes up again. */
    INCLUSIVE,
    /** Written whenever it leaves DRAM; gone from NVMe when it goes up again. */
    EXCLUSIVE;

    /** Its name: "write-through". */
    public String key() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** How NVMe keeps its blocks. */
  public enum Form {
    /** Leaf-first LRU, block by block. */
    LRU,
    /** {@link SegmentLog}. */
    LOG
  }

  /**
   * One way.
   *
   * @param dramHits blocks that hit in DRAM, of {@code hits}
   * @param writes blocks written to NVMe
   */
  public record Row(Movement movement, Form form, Hits hits, long dramHits, long writes) {
    /** NVMe writes for each 100 blocks asked for. */
    public double writesPer100Accesses() {
      return 100.0 * writes / hits.accesses();
    }
  }

  /** How many accesses {@link #run} makes. */
  public static long accesses(BlockTrace trace) {
    return (1L + (long) Movement.values().length * Form.values().length) * trace.accesses();
  }

  /**
   * Runs every movement with every form, one after the other.
   *
   * @param dramIds ids that DRAM holds
   * @param nvmeIds ids that NVMe holds
   * @param progress grows to {@link #accesses}
   */
  public static TieredSimulation run(
      BlockTrace trace,
      EvictionPolicy.Factory dramPolicy,
      int dramIds,
      int nvmeIds,
      PrefillCost cost,
      AtomicLong progress) {
    List<Row> rows = new ArrayList<>();
    for (Movement movement : Movement.values()) {
      for (Form form : Form.values()) {
        try (RecordMemory memory = RecordMemory.open()) {
          Tiers tiers = new Tiers(trace, dramPolicy, dramIds, nvmeIds, movement, form, memory);
          rows.add(tiers.run(cost, progress));
        }
      }
    }
    int sum = Math.min(trace.blocks(), dramIds + nvmeIds);
    Hits reference = Simulation.run(trace, PolicyKind.LRU, sum, cost, progress);
    return new TieredSimulation(trace, List.copyOf(rows), reference);
  }

  /** The two tiers of one run. */
  private static final class Tiers {
    private final BlockTrace trace;
    private final Movement movement;
    private final Form form;
    private final CacheModel dram;
    private final LowerTier nvme;

    Tiers(
        BlockTrace trace,
        EvictionPolicy.Factory dramPolicy,
        int dramIds,
        int nvmeIds,
        Movement movement,
        Form form,
        RecordMemory memory) {
      this.trace = trace;
      this.movement = movement;
      this.form = form;
      EvictionPolicy lru = PolicyKind.LRU.apply(memory);
      this.dram = new CacheModel(trace, dramPolicy.apply(memory), dramIds, this::leftDram);
      this.nvme =
          switch (form) {
            case LRU -> new LowerLru(trace, lru, nvmeIds);
            case LOG -> new SegmentLog(trace, nvmeIds, SEGMENTS, dram::has, memory);
          };
    }

    Row run(PrefillCost cost, AtomicLong progress) {
      HitCounter total = new HitCounter(trace, cost);
      long dramHits = 0;
      for (int request = 0; request < trace.requests(); request++) {
        int start = trace.start(request);
        int end = trace.start(request + 1);
        int hit = start;
        while (hit < end && isCached(trace.block(hit))) {
          dramHits += dram.has(trace.block(hit)) ? 1 : 0;
          hit++;
        }
        total.count(request, hit - start);
        dram.requested();
        nvme.requested();
        for (int access = end - 1; access >= start; access--) {
          use(trace.block(access));
        }
        Simulation.tellEnds(trace, request, dram);
        progress.addAndGet(end - start);
      }
      return new Row(movement, form, total.hits(), dramHits, nvme.writes());
    }

    private boolean isCached(int block) {
      return dram.has(block) || nvme.has(block);
    }

    private void use(int block) {
      if (nvme.has(block)) {
        if (movement == Movement.EXCLUSIVE) {
          nvme.remove(block);
        } else {
          nvme.use(block);
        }
      } else if (movement == Movement.WRITE_THROUGH) {
        nvme.put(block);
      }
      dram.use(block);
    }

    private void leftDram(int block) {
      if (movement != Movement.WRITE_THROUGH && !nvme.has(block)) {
        nvme.put(block);
      }
    }
  }
}
