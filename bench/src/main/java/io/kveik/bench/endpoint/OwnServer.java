package io.kveik.bench.endpoint;

import io.kveik.bench.report.ByteSizes;
import io.kveik.server.cli.Terminal;
import io.kveik.server.process.ServerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A server as a child process, on a free port and with a temporary data directory, for one run. It
 * serves once {@link #start} has returned, and is gone with its directory after close.
 */
public final class OwnServer implements Target {
  private static final long SHARED_SEGMENT_BYTES = 64L << 20;
  private static final Duration START_LIMIT = Duration.ofSeconds(60);

  /**
   * How the server is to be.
   *
   * @param dramBytes its DRAM tier
   * @param blocks how many blocks that can hold; sizes the heap, see {@link ServerFlags}
   * @param fsBytes its file system tier; 0 for none
   * @param nvmeBytes its NVMe tier; 0 for none
   * @param jvmFlags such as -Xmx1g, behind those that {@code ./kveik server} has, so that they win
   * @param moreArguments go behind all others as they are
   */
  public record Settings(
      long dramBytes,
      long blocks,
      long fsBytes,
      long nvmeBytes,
      List<String> jvmFlags,
      List<String> moreArguments) {}

  private final ServerProcess process;
  private final Path directory;
  private final Settings settings;

  private OwnServer(ServerProcess process, Path directory, Settings settings) {
    this.process = process;
    this.directory = directory;
    this.settings = settings;
  }

  /**
   * Starts a server and waits until it serves.
   *
   * @throws io.kveik.server.process.ServerStartException when it does not; no process is left
   */
  public static OwnServer start(Settings settings) throws IOException {
    Path directory = Files.createTempDirectory("kveik-bench-");
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("--host", "127.0.0.1"));
    arguments.addAll(List.of("--data-dir", directory.resolve("data").toString()));
    arguments.addAll(List.of("--dram-bytes", Long.toString(settings.dramBytes())));
    arguments.addAll(List.of("--fs-bytes", Long.toString(settings.fsBytes())));
    arguments.addAll(List.of("--nvme-bytes", Long.toString(settings.nvmeBytes())));
    // Taken only when a client asks for it: as much again as the blocks take in DRAM, in whole
    // files.
    long sharedBytes = settings.dramBytes() + settings.dramBytes() / 4 + SHARED_SEGMENT_BYTES;
    arguments.addAll(List.of("--same-host-bytes", Long.toString(sharedBytes)));
    arguments.addAll(settings.moreArguments());
    boolean started = false;
    try {
      List<String> flags = ServerFlags.of(settings.blocks(), settings.jvmFlags());
      ServerProcess process = ServerProcess.start(flags, arguments, START_LIMIT);
      started = true;
      return new OwnServer(process, directory, settings);
    } finally {
      if (!started) {
        delete(directory);
      }
    }
  }

  @Override
  public String address() {
    return process.target();
  }

  @Override
  public String description() {
    String lower = tier(settings.nvmeBytes(), "NVMe") + tier(settings.fsBytes(), "file system");
    return "a server of its own, %s DRAM%s"
        .formatted(
            ByteSizes.format(settings.dramBytes()), lower.isEmpty() ? ", no other tier" : lower);
  }

  private static String tier(long bytes, String name) {
    return bytes == 0 ? "" : ", %s %s tier".formatted(ByteSizes.format(bytes), name);
  }

  @Override
  public Optional<ProcessFigures> figures() {
    return ProcessHandle.of(process.pid()).map(ProcessFigures::of);
  }

  /** Ends the server and deletes its directory. */
  @Override
  public void close() {
    process.close();
    delete(directory);
  }

  private static void delete(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException e) {
      System.err.println(Terminal.safe("left behind: " + directory + " (" + e.getMessage() + ")"));
    }
  }
}
