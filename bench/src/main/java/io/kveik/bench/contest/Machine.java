package io.kveik.bench.contest;

import io.kveik.bench.endpoint.DramSizing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a run ran on.
 *
 * @param cpus logical processors
 * @param cpuModel as the system says; empty where it does not
 * @param memoryBytes of the machine
 * @param system name and version of the operating system
 * @param java version of the JVM
 */
public record Machine(int cpus, String cpuModel, long memoryBytes, String system, String java) {
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

  /** Looks at this one. */
  static Machine look() {
    return new Machine(
        Runtime.getRuntime().availableProcessors(),
        cpuModelOrEmpty(),
        2 * DramSizing.mostDramBytes(),
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        System.getProperty("java.vendor") + " " + System.getProperty("java.runtime.version"));
  }

  private static String cpuModelOrEmpty() {
    try {
      return Files.readAllLines(CPU_INFO).stream()
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).trim())
          .findFirst()
          .orElse("");
    } catch (IOException e) {
      return "";
    }
  }
}
