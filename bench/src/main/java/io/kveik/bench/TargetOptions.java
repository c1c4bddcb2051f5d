package io.kveik.bench;

import io.kveik.bench.endpoint.DramSizing;
import io.kveik.bench.endpoint.OwnServer;
import io.kveik.bench.endpoint.RemoteTarget;
import io.kveik.bench.endpoint.Target;
import io.kveik.bench.report.ByteSizes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that say which server a run speaks to. */
final class TargetOptions {
  @Option(
      names = "--target",
      paramLabel = "HOST:PORT",
      description = "A server that runs already. Default: one is started for the run and ended.")
  private @Nullable String target;

  @Option(
      names = "--dram-bytes",
      paramLabel = "SIZE",
      converter = ByteSizes.class,
      description = "DRAM of the own server. Default: room for all blocks of the run.")
  private @Nullable Long dramBytes;

  @Option(
      names = "--fs-bytes",
      paramLabel = "SIZE",
      converter = ByteSizes.class,
      defaultValue = "0",
      description = "File system tier of the own server. Default: ${DEFAULT-VALUE}, which is none.")
  private long fsBytes;

  @Option(
      names = "--nvme-bytes",
      paramLabel = "SIZE",
      converter = ByteSizes.class,
      defaultValue = "0",
      description = "NVMe tier of the own server. Default: ${DEFAULT-VALUE}, which is none.")
  private long nvmeBytes;

  @Option(
      names = "--server-arg",
      paramLabel = "ARG",
      description = "One more argument for the own server, as in --server-arg=--threads=2.")
  private List<String> serverArguments = new ArrayList<>();

  @Option(
      names = "--server-jvm-arg",
      paramLabel = "FLAG",
      description =
          "One more flag for the own server's JVM, as in --server-jvm-arg=-Xmx512m; wins over what"
              + " ./kveik server has. Default heap: 512 MiB and 1 KiB per block of DRAM, at least"
              + " 1 GiB.")
  private List<String> serverJvmFlags = new ArrayList<>();

  /**
   * Refuses what contradicts itself.
   *
   * @param sizesOwnServer name of another option that is given and sizes the own server, or null
   * @throws IllegalArgumentException with a message for the user
   */
  void check(@Nullable String sizesOwnServer) {
    if (sizesOwnServer != null && dramBytes != null) {
      throw new IllegalArgumentException(sizesOwnServer + " and --dram-bytes exclude each other");
    }
    boolean shapesOwnServer =
        sizesOwnServer != null
            || dramBytes != null
            || hasDisk()
            || !serverArguments.isEmpty()
            || !serverJvmFlags.isEmpty();
    if (target != null && shapesOwnServer) {
      throw new IllegalArgumentException(
          "--capacity, --dram-bytes, --fs-bytes, --nvme-bytes and --server-... are for a server of its own; with"
              + " --target that server's own configuration counts");
    }
    if (target != null && target.isBlank()) {
      throw new IllegalArgumentException("--target is empty; give host:port");
    }
  }

  /** Whether the own server has a tier on disk. */
  boolean hasDisk() {
    return fsBytes > 0 || nvmeBytes > 0;
  }

  /**
   * Connects or starts.
   *
   * @param neededBytes DRAM of an own server where the user gave no size
   * @param extentBytes what one block takes of it
   * @param exactly true when less than that would spoil the run
   * @throws IllegalArgumentException when that is more than this machine should give
   */
  Target open(long neededBytes, long extentBytes, boolean exactly) throws IOException {
    if (target != null) {
      return new RemoteTarget(target);
    }
    long bytes = dramBytes != null ? dramBytes : affordable(neededBytes, exactly);
    return OwnServer.start(
        new OwnServer.Settings(
            bytes, bytes / extentBytes, fsBytes, nvmeBytes, serverJvmFlags, serverArguments));
  }

  private static long affordable(long neededBytes, boolean exactly) {
    long most = DramSizing.mostDramBytes();
    if (neededBytes <= most) {
      return neededBytes;
    }
    String shortage =
        "the run's blocks need %s DRAM, and half of this machine's memory is %s"
            .formatted(ByteSizes.format(neededBytes), ByteSizes.format(most));
    if (exactly) {
      throw new IllegalArgumentException(
          shortage + "; take a smaller --block-bytes or --capacity, or set --dram-bytes");
    }
    System.err.println(shortage + ": the server gets that, and has to evict");
    return most;
  }
}
