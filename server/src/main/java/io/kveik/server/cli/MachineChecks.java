package io.kveik.server.cli;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.OperatingSystemMXBean;
import com.sun.management.UnixOperatingSystemMXBean;
import io.kveik.server.config.Configuration;
import io.kveik.server.config.Settings;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The doctor's look at the machine and at this JVM, which the script starts with a server's flags.
 */
final class MachineChecks {
  private static final int MIN_JAVA = 25;

  /**
   * Class metadata, code, thread stacks and the collector's own: what a JVM takes beside its heap.
   */
  private static final long JVM_OVERHEAD_BYTES = 256L << 20;

  /** Jars, logs, the JVM's own, and files of the fs tier that are open for a moment. */
  private static final long FILES_BESIDE_CONNECTIONS = 256;

  private static final Instant EARLIEST_SANE = Instant.parse("2026-01-01T00:00:00Z");
  private static final long CLOCK_SAMPLE_MILLIS = 50;
  private static final long CLOCK_TOLERANCE_MILLIS = 500;
  private static final Path MEMORY_INFO = Path.of("/proc/meminfo");

  private MachineChecks() {}

  static List<Finding> all(Configuration config) {
    return List.of(java(), processors(), transport(), memory(config), openFiles(config), clock());
  }

  private static Finding java() {
    String seen = Runtime.version() + " (" + System.getProperty("java.vendor") + ")";
    return Runtime.version().feature() >= MIN_JAVA
        ? Finding.ok("java", seen)
        : Finding.fail("java", seen, "install JDK " + MIN_JAVA + " or newer");
  }

  private static Finding processors() {
    int processors = Runtime.getRuntime().availableProcessors();
    return processors > 1
        ? Finding.ok("processors", Integer.toString(processors))
        : Finding.warn("processors", "1: reads wait for whatever else runs", "give it two or more");
  }

  /** Netty is asked by name: its types are rpc's business. */
  private static Finding transport() {
    String system = System.getProperty("os.name", "");
    if (!system.equals("Linux")) {
      return Finding.ok("transport", "NIO, as on every " + system);
    }
    try {
      Class<?> epoll = Class.forName("io.netty.channel.epoll.Epoll");
      if (Boolean.TRUE.equals(epoll.getMethod("isAvailable").invoke(null))) {
        return Finding.ok("transport", "epoll");
      }
      Object cause = epoll.getMethod("unavailabilityCause").invoke(null);
      return Finding.warn(
          "transport", "NIO, since epoll is not available: " + cause, "make /tmp executable");
    } catch (ReflectiveOperationException e) {
      return Finding.warn("transport", "NIO: Netty's epoll is missing", "build anew");
    }
  }

  private static Finding memory(Configuration config) {
    long heap = Runtime.getRuntime().maxMemory();
    long direct = directBytes(heap);
    long dram = config.number(Settings.DRAM_BYTES);
    long needed = dram + heap + direct + JVM_OVERHEAD_BYTES;
    long total =
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    long available = availableBytes(total);
    String text =
        "up to %s: dram %s, heap %s, direct %s, the JVM %s; the machine has %s, %s of it free"
            .formatted(
                size(needed),
                size(dram),
                size(heap),
                size(direct),
                size(JVM_OVERHEAD_BYTES),
                size(total),
                size(available));
    String mend =
        "lower --dram-bytes, or set smaller -Xmx and MaxDirectMemorySize in" + " KVEIK_JAVA_OPTS";
    if (needed > total) {
      return Finding.fail("memory", text, mend);
    }
    return needed > available ? Finding.warn("memory", text, mend) : Finding.ok("memory", text);
  }

  /** The limit of this JVM; the JDK says 0 for "as much as the heap". */
  private static long directBytes(long heap) {
    String limit =
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
            .getVMOption("MaxDirectMemorySize")
            .getValue();
    long bytes = Long.parseLong(limit);
    return bytes == 0 ? heap : bytes;
  }

  /** What Linux reckons can be had without swapping; elsewhere, all there is. */
  private static long availableBytes(long total) {
    try {
      for (String line : Files.readAllLines(MEMORY_INFO)) {
        if (line.startsWith("MemAvailable:")) {
          return Math.min(total, Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024);
        }
      }
    } catch (IOException e) {
      // Not Linux.
    }
    return total;
  }

  private static Finding openFiles(Configuration config) {
    if (!(ManagementFactory.getOperatingSystemMXBean()
        instanceof UnixOperatingSystemMXBean system)) {
      return Finding.ok("open files", "this system has no such limit");
    }
    long limit = system.getMaxFileDescriptorCount();
    long needed =
        config.number(Settings.LIMIT_CONNECTIONS)
            + config.number(Settings.STORAGE_THREADS)
            + config.number(Settings.BEHIND_WRITERS)
            + FILES_BESIDE_CONNECTIONS;
    String text = "limit %d, a full server needs %d".formatted(limit, needed);
    return limit >= needed
        ? Finding.ok("open files", text)
        : Finding.warn(
            "open files",
            text,
            "raise it (ulimit -n, LimitNOFILE), or lower" + " --limits-connections");
  }

  private static Finding clock() {
    long wall = System.currentTimeMillis();
    long nanos = System.nanoTime();
    try {
      Thread.sleep(CLOCK_SAMPLE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    long drift =
        System.currentTimeMillis()
            - wall
            - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
    Instant now = Instant.ofEpochMilli(wall);
    if (now.isBefore(EARLIEST_SANE)) {
      return Finding.fail("clock", now + " is in the past", "set the clock: TTLs are kept by it");
    }
    return Math.abs(drift) <= CLOCK_TOLERANCE_MILLIS
        ? Finding.ok("clock", now.toString())
        : Finding.warn(
            "clock", "jumped by " + drift + " ms within a moment", "let NTP slew, not step");
  }

  /** Three significant digits at most, in binary units. */
  static String size(long bytes) {
    String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
    double value = bytes;
    int unit = 0;
    while (value >= 1024 && unit < units.length - 1) {
      value /= 1024;
      unit++;
    }
    return unit == 0 || value >= 100
        ? "%.0f %s".formatted(value, units[unit])
        : "%.1f %s".formatted(value, units[unit]);
  }
}
