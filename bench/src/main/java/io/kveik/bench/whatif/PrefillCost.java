package io.kveik.bench.whatif;

/**
 * What prefill of a prefix costs: two FLOPs for each parameter and token, and in each layer's
 * attention four times the hidden size for each pair of a token and one before it.
 *
 * @param parameters of the model
 * @param layers of the model
 * @param hidden size of its hidden state: heads times head dimension
 * @param flopsPerSecond what all GPUs of one replica reach together in prefill
 */
public record PrefillCost(double parameters, double layers, double hidden, double flopsPerSecond) {

  /** Tokens before one whose attention takes as many FLOPs as the weights do. */
  public double doublesAtTokens() {
    return parameters / (2 * layers * hidden);
  }

  /** Seconds for the first so many tokens. */
  double seconds(long tokens) {
    double flops = 2 * parameters * tokens + 4 * layers * hidden * tokens * (tokens + 1.0) / 2;
    return flops / flopsPerSecond;
  }
}
