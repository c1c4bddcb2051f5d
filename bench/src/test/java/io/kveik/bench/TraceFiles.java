package io.kveik.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Assumptions;

/** Makes traces for tests and finds real ones. */
public final class TraceFiles {
  private TraceFiles() {}

  /** Writes lines to a file, gzip when its name ends so. */
  public static Path write(Path file, List<String> lines) throws IOException {
    try (OutputStream raw = Files.newOutputStream(file);
        OutputStream out = file.toString().endsWith(".gz") ? new GZIPOutputStream(raw) : raw) {
      out.write((String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
    }
    return file;
  }

  /** The line of a request. */
  public static String line(long timestamp, List<Integer> ids) {
    return "{\"timestamp\": %d, \"input_length\": %d, \"output_length\": 7, \"hash_ids\": %s}"
        .formatted(timestamp, ids.size() * 512, ids);
  }

  /** Id lists that share prefixes: each continues a prefix of an earlier one. */
  public static List<List<Integer>> randomRequests(int count, long seed) {
    Random random = new Random(seed);
    List<List<Integer>> requests = new ArrayList<>();
    int fresh = 0;
    for (int i = 0; i < count; i++) {
      List<Integer> ids = new ArrayList<>();
      if (!requests.isEmpty() && random.nextInt(4) > 0) {
        List<Integer> earlier = requests.get(random.nextInt(requests.size()));
        ids.addAll(earlier.subList(0, random.nextInt(earlier.size() + 1)));
      }
      int more = random.nextInt(4);
      for (int k = 0; k < more; k++) {
        // A few ids stand under several prefixes, as in traces whose ids are not re-keyed.
        ids.add(random.nextInt(5) == 0 ? 1_000_000 + random.nextInt(3) : fresh++);
      }
      requests.add(ids);
    }
    return requests;
  }

  /** How many ids hit in a store that forgets nothing, by the plainest possible model. */
  public static int hitsByModel(List<List<Integer>> requests) {
    Set<String> known = new HashSet<>();
    int hits = 0;
    for (List<Integer> ids : requests) {
      boolean unbroken = true;
      for (int n = 1; n <= ids.size(); n++) {
        String prefix =
            ids.subList(0, n).stream().map(String::valueOf).collect(Collectors.joining("/"));
        unbroken &= known.contains(prefix);
        known.add(prefix);
        hits += unbroken ? 1 : 0;
      }
    }
    return hits;
  }

  /** A real trace; the test is skipped where it is not to be had. */
  public static Path real(String name) {
    Path trace = Path.of(System.getProperty("kveik.traces", "../../shared/traces"), name);
    if (Files.isReadable(trace)) {
      return trace;
    }
    return Assumptions.abort("SKIPPED: trace not here, see README");
  }
}
