package io.kveik.bench.block;

/**
 * SplitMix64's output function and increment, used in counter mode: value i of a stream is {@code
 * mix(start + i * GAMMA)}. Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number
 * Generators", OOPSLA 2014. Stateless.
 */
final class SplitMix {
  static final long GAMMA = 0x9E3779B97F4A7C15L;

  private SplitMix() {}

  static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
