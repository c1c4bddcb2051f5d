package io.kveik.bench;

import io.kveik.bench.whatif.PrefillCost;
import picocli.CommandLine.Option;

/** Which model on which GPUs a cache hit saves the prefill of. */
final class PrefillOptions {
  @Option(
      names = "--model-parameters",
      paramLabel = "N",
      converter = Quantities.class,
      defaultValue = "70G",
      description = "Parameters of the model: 8G, 70G. Default: ${DEFAULT-VALUE}.")
  private double parameters;

  @Option(
      names = "--model-layers",
      paramLabel = "N",
      converter = Quantities.class,
      defaultValue = "80",
      description = "Its layers. Default: ${DEFAULT-VALUE}.")
  private double layers;

  @Option(
      names = "--model-hidden",
      paramLabel = "N",
      converter = Quantities.class,
      defaultValue = "8192",
      description = "Its hidden size. Default: ${DEFAULT-VALUE}.")
  private double hidden;

  @Option(
      names = "--gpu-flops",
      paramLabel = "N",
      converter = Quantities.class,
      defaultValue = "400000G",
      description =
          "FLOPS that a replica's GPUs reach together in prefill. Default: ${DEFAULT-VALUE}.")
  private double flops;

  PrefillCost cost() {
    return new PrefillCost(parameters, layers, hidden, flops);
  }
}
