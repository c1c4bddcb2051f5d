package io.kveik.server.tier.nvme;

import io.kveik.server.memory.Slab;
import io.kveik.server.runtime.Clock;
import io.kveik.server.tier.PutOutcome;
import io.kveik.server.tier.TestBlocks;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A process of its own that has a tier open. {@code open}: says whether it could. {@code write}:
 * puts blocks from several threads until it is killed, and prints the number of each that was
 * stored.
 */
final class NvmeTierChild {
  private static final int WRITERS = 3;

  private NvmeTierChild() {}

  /** Starts it with this JVM's class path and flags. */
  static Process start(Path root, long seed, String task) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path", ""),
                NvmeTierChild.class.getName(),
                root.toString(),
                Long.toString(seed),
                task));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  public static void main(String[] arguments) {
    long seed = Long.parseLong(arguments[1]);
    NvmeTier tier = NvmeTier.open(Path.of(arguments[0]), NvmeTierKillTest.OPTIONS, Clock.system());
    if (!tier.status().down().isEmpty()) {
      System.out.println("REFUSED " + tier.status().down());
      return;
    }
    if (arguments[2].equals("open")) {
      System.out.println("OPENED");
      return;
    }
    Slab buffers = Slab.anonymous(8 << 20);
    for (int writer = 0; writer < WRITERS; writer++) {
      SplittableRandom random = new SplittableRandom(seed + writer);
      Thread.ofPlatform().start(() -> write(tier, buffers, random));
    }
  }

  private static void write(NvmeTier tier, Slab buffers, SplittableRandom random) {
    while (true) {
      long number = random.nextLong() >>> 1;
      PutOutcome outcome =
          TestBlocks.put(
              tier, buffers::allocate, number, 1, 1 + random.nextInt(200_000), random.nextInt(50));
      if (!outcome.equals(new PutOutcome.Stored())) {
        System.out.println("UNEXPECTED " + outcome);
        return;
      }
      // The full stop tells a whole line from the beginning of one.
      System.out.println("STORED " + number + " .");
    }
  }
}
