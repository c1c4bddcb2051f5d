package io.kveik.bench;

import io.kveik.client.AckLevel;
import picocli.CommandLine.Option;

/** What writes wait for. */
final class AckOption {
  @Option(
      names = "--ack",
      paramLabel = "LEVEL",
      converter = AckLevels.class,
      description = "What writes wait for: memory, local or shared. Default: the server's own.")
  private AckLevel ack = AckLevel.UNSPECIFIED;

  AckLevel level() {
    return ack;
  }
}
