package io.kveik.server.demo;

/**
 * How long a GPU would compute the prefill of tokens: 2 × parameters × tokens / (FLOP/s ×
 * utilisation). Two operations per parameter and token are the matrix products of a dense
 * transformer (Kaplan et al., arXiv 2001.08361, section 2.1); attention itself comes on top, so
 * that long prompts cost more than this says.
 *
 * @param parameters of the model
 * @param gpuTflops dense bf16 peak, 10^12 FLOP/s
 * @param utilisation part of the peak that prefill reaches; above 0, at most 1
 */
record PrefillEstimate(double parameters, double gpuTflops, double utilisation) {
  static final String FORMULA =
      "seconds = 2 × parameters × restored tokens / (GPU FLOP/s × utilisation)";

  private static final double TERA = 1e12;

  PrefillEstimate {
    check("model-params", parameters, 1, 1e15);
    check("gpu-tflops", gpuTflops, 1e-3, 1e9);
    check("utilisation", utilisation, 1e-3, 1);
  }

  double seconds(long tokens) {
    return 2 * parameters * tokens / (gpuTflops * TERA * utilisation);
  }

  private static void check(String name, double value, double min, double max) {
    if (!(value >= min && value <= max)) {
      throw new IllegalArgumentException(
          "--%s is %s; from %s to %s".formatted(name, value, min, max));
    }
  }
}
