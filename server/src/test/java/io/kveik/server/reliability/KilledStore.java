package io.kveik.server.reliability;

import io.kveik.client.BlockClient;
import io.kveik.client.BlockClientOptions;
import io.kveik.client.BlockModel;
import io.kveik.client.BlockNamespace;
import io.kveik.client.BlockScope;
import io.kveik.server.process.ServerProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;

/** A small server that tests of control operations kill and start again, and its clients. */
final class KilledStore {
  static final Duration PATIENCE = Duration.ofSeconds(60);

  private KilledStore() {}

  static ServerProcess start(Path data) throws Exception {
    return ServerProcess.start(
        List.of("-Xmx192m", "-XX:TieredStopAtLevel=1"),
        List.of("--data-dir", data.toString(), "--dram-bytes", "32MiB", "--fs-bytes", "1GiB"),
        PATIENCE);
  }

  static BlockClient connect(ServerProcess server) {
    return BlockClient.connect(
        BlockClientOptions.of(server.target()).withDeadlines(PATIENCE, PATIENCE, PATIENCE));
  }

  static BlockNamespace namespace(int round) {
    return new BlockNamespace(
        new BlockScope("account", "kv", "round-" + round), BlockModel.of("llama", 16));
  }

  static byte[] id(int number) {
    byte[] id = new byte[32];
    new SplittableRandom(number).nextBytes(id);
    return id;
  }
}
