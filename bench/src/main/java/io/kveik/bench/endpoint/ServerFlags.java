package io.kveik.bench.endpoint;

import java.util.ArrayList;
import java.util.List;

/**
 * JVM flags of an own server: those that {@code ./kveik server} has, so that what is measured is
 * what is run, and behind them the user's, which win. Stateless.
 *
 * <p>The heap is 1 GiB, or 512 MiB and 1 KiB for each block that the DRAM tier can hold where that
 * is more: small blocks make a large index.
 */
final class ServerFlags {
  private static final String COLLECTOR = "-XX:+UseZGC";
  private static final long MIB = 1 << 20;
  private static final long LEAST_HEAP_MIB = 1024;
  private static final long BASE_HEAP_MIB = 512;
  private static final long HEAP_BYTES_PER_BLOCK = 1024;

  private ServerFlags() {}

  /**
   * All flags.
   *
   * @param blocks how many the DRAM tier can hold
   * @param users flags that go last
   */
  static List<String> of(long blocks, List<String> users) {
    List<String> flags = new ArrayList<>();
    // The JVM refuses to start with two collectors, so ours stands back.
    if (users.stream().noneMatch(flag -> flag.matches("-XX:\\+Use\\w*GC"))) {
      flags.add(COLLECTOR);
    }
    flags.add("-Xmx" + heapMib(blocks) + "m");
    flags.add("-XX:MaxDirectMemorySize=2g");
    flags.addAll(users);
    return flags;
  }

  private static long heapMib(long blocks) {
    return Math.max(LEAST_HEAP_MIB, BASE_HEAP_MIB + blocks * HEAP_BYTES_PER_BLOCK / MIB);
  }
}
