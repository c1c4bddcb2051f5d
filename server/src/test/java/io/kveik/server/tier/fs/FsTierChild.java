package io.kveik.server.tier.fs;

import io.kveik.server.memory.Slab;
import io.kveik.server.tier.PutOutcome;
import io.kveik.server.tier.TestBlocks;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A process of its own that has a tier open. {@code open}: says whether it could. {@code read}:
 * says what a get of the block comes to whose number is the seed. {@code write}: puts blocks from
 * several threads until it is killed, and prints the number of each that was stored.
 */
final class FsTierChild {
  private static final int WRITERS = 3;

  private FsTierChild() {}

  /** Starts it with this JVM's class path and flags, and more of those. */
  static Process start(Path root, long seed, String task, String... flags) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx128m"));
    command.addAll(List.of(flags));
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path", ""),
            FsTierChild.class.getName(),
            root.toString(),
            Long.toString(seed),
            task));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  public static void main(String[] arguments) {
    long seed = Long.parseLong(arguments[1]);
    FsTier tier;
    try {
      tier = FsTier.open(Path.of(arguments[0]), FsTierOptions.of(1L << 30, seed));
    } catch (IOException e) {
      System.out.println("REFUSED " + e.getMessage());
      return;
    }
    if (arguments[2].equals("open")) {
      System.out.println("OPENED");
      return;
    }
    Slab buffers = Slab.anonymous(8 << 20);
    if (arguments[2].equals("read")) {
      System.out.println("READ " + tier.get(TestBlocks.ref(seed), buffers::allocate));
      return;
    }
    for (int writer = 0; writer < WRITERS; writer++) {
      SplittableRandom random = new SplittableRandom(seed + writer);
      Thread.ofPlatform().start(() -> write(tier, buffers, random));
    }
  }

  private static void write(FsTier tier, Slab buffers, SplittableRandom random) {
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
