package io.kveik.bench.trace;

/**
 * How one kind of session of a {@link SyntheticTrace} behaves. A session starts with a prompt that
 * it shares with others of its kind, and each of its requests is the one before and some blocks
 * more.
 *
 * @param prompts how many shared prompts there are; 0 for none
 * @param zipfExponent prompt k is chosen with a frequency proportional to 1 / k^exponent
 * @param promptBlocks mean length of a shared prompt, ids; lengths are 1 to twice that
 * @param firstBlocks mean length of what no other session shares of its first request, ids
 * @param turns mean number of requests, geometrically distributed
 * @param turnBlocks mean growth from request to request, ids, geometrically distributed; 0 for none
 * @param gapMillis median time between two requests, log-normal
 * @param gapSigma standard deviation of the logarithm of that time
 * @param pauseShare share of the gaps that are pauses instead
 * @param pauseMillis median of a pause, log-normal with sigma 1
 */
record SessionShape(
    int prompts,
    double zipfExponent,
    int promptBlocks,
    double firstBlocks,
    double turns,
    double turnBlocks,
    double gapMillis,
    double gapSigma,
    double pauseShare,
    double pauseMillis) {
  /** People in a chat: popular system prompts, a few turns, minutes in between. */
  static final SessionShape CHAT =
      new SessionShape(40, 1.0, 5, 8, 4, 6, 60_000, 1.0, 0.1, 1_800_000);

  /** Coding agents: many turns seconds apart, long pauses while a person reads. */
  static final SessionShape AGENT =
      new SessionShape(5, 0.8, 30, 10, 60, 3, 8_000, 0.7, 0.05, 600_000);

  /** Documents that are read once and never again. */
  static final SessionShape SCAN = new SessionShape(0, 1, 0, 120, 1, 0, 1, 0, 0, 1);

  /** A fixed set of prompts asked for in turn, over and over: the worst case of LRU. */
  static final SessionShape LOOP = new SessionShape(0, 1, 0, 40, 1_000_000, 0, 300_000, 0.02, 0, 1);
}
