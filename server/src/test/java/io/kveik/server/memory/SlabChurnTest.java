package io.kveik.server.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Mixed lengths at 95 % occupancy: how much of it fragmentation costs. Each step asks for one
 * length, evicts down to the occupancy aimed at, and evicts on where fragmentation leaves no room.
 */
class SlabChurnTest {

  private static final long CAPACITY_BYTES = 256L << 20;
  private static final double OCCUPANCY = 0.95;
  private static final int STEPS = 40_000;

  @ParameterizedTest(name = "seed {0}, oldest first: {1}")
  @CsvSource({"1, false", "2, false", "3, true", "4, true"})
  void fragmentationCostsLittle(long seed, boolean oldestFirst) {
    Random random = new Random(seed);
    List<Lease> live = new ArrayList<>();
    double occupancySum = 0;
    double fragmentationSum = 0;
    double leastOccupancy = 1;
    int measured = 0;
    int refused = 0;
    int oldest = 0;
    try (Slab slab = Slab.anonymous(CAPACITY_BYTES)) {
      long limitBytes = (long) (OCCUPANCY * CAPACITY_BYTES);
      for (int step = 0; step < STEPS; step++) {
        long bytes = mixedBytes(random);
        long roomBytes = limitBytes - slab.allocatedBytesFor(bytes);
        boolean full = false;
        while (slab.stats().allocatedBytes() > roomBytes) {
          full = true;
          oldest = evict(live, random, oldestFirst, oldest);
        }
        Lease lease = slab.allocate(bytes);
        if (lease == null) {
          refused++;
        }
        while (lease == null) {
          oldest = evict(live, random, oldestFirst, oldest);
          lease = slab.allocate(bytes);
        }
        live.add(lease);
        if (full) {
          SlabStats stats = slab.stats();
          double occupancy = (double) stats.allocatedBytes() / CAPACITY_BYTES;
          occupancySum += occupancy;
          fragmentationSum += stats.fragmentationRatio();
          leastOccupancy = Math.min(leastOccupancy, occupancy);
          measured++;
        }
      }
      live.subList(oldest, live.size()).forEach(Lease::close);
      assertThat(slab.liveLeases()).isZero();
      assertThat(slab.stats().fragmentationRatio()).isZero();
    }
    String figures =
        "seed %d, oldest first %s: occupancy %.3f on average, %.3f at least, of %.2f aimed at; %.3f of free"
                .formatted(
                    seed,
                    oldestFirst,
                    occupancySum / measured,
                    leastOccupancy,
                    OCCUPANCY,
                    fragmentationSum / measured)
            + " bytes outside the largest extent; %.4f of requests needed more eviction"
                .formatted((double) refused / STEPS);
    System.out.println(figures);
    assertThat(occupancySum / measured).as(figures).isGreaterThan(0.90);
    assertThat(leastOccupancy).as(figures).isGreaterThan(0.80);
  }

  /** Blocks of two models, whole, halved and compressed, and small ones of any length. */
  private static long mixedBytes(Random random) {
    return switch (random.nextInt(6)) {
      case 0, 1 -> 1_258_891;
      case 2 -> 629_745;
      case 3 -> 700_000 + random.nextInt(200_000);
      case 4 -> 157_586;
      default -> 1_000 + random.nextInt(64_000);
    };
  }

  private static int evict(List<Lease> live, Random random, boolean oldestFirst, int oldest) {
    if (oldestFirst) {
      live.get(oldest).close();
      return oldest + 1;
    }
    int victim = random.nextInt(live.size());
    live.get(victim).close();
    live.set(victim, live.getLast());
    live.removeLast();
    return 0;
  }
}
