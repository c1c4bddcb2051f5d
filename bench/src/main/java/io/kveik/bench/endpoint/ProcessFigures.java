package io.kveik.bench.endpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What a process uses at one moment.
 *
 * @param cpuTime of all its threads, since it started
 * @param residentBytes memory of its own now; 0 where the system does not say
 * @param peakResidentBytes the most it ever had; 0 where the system does not say
 */
public record ProcessFigures(Duration cpuTime, long residentBytes, long peakResidentBytes) {
  private static final int KIB = 1024;

  /** Looks at a process; its memory comes from {@code /proc/PID/status}. */
  public static ProcessFigures of(ProcessHandle process) {
    Duration cpuTime = process.info().totalCpuDuration().orElse(Duration.ZERO);
    long resident = 0;
    long peak = 0;
    try {
      for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
        if (line.startsWith("VmRSS:")) {
          resident = bytes(line);
        } else if (line.startsWith("VmHWM:")) {
          peak = bytes(line);
        }
      }
    } catch (IOException e) {
      // Another system, or the process has ended: then there is nothing to know.
    }
    return new ProcessFigures(cpuTime, resident, peak);
  }

  /** Of this process. */
  public static ProcessFigures ofSelf() {
    return of(ProcessHandle.current());
  }

  private static long bytes(String line) {
    String digits = line.replaceAll("\\D", "");
    return digits.isEmpty() ? 0 : Long.parseLong(digits) * KIB;
  }
}
