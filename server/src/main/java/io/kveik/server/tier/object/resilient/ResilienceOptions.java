package io.kveik.server.tier.object.resilient;

/**
 * The limits of {@link ResilientBlobStore}.
 *
 * @param tryMillis one try of a read or a find at most; a call's own deadline may cut it shorter
 * @param changeTryMillis one try of a put or a delete at most
 * @param tries of one call at most, hedges included
 * @param extraTriesPercent retries and hedges together, per hundred calls to an account
 * @param backoffMillis a retry comes after a random part of this, doubled with each try
 * @param backoffMaxMillis what it doubles up to
 * @param hedgeMinMillis a read is never hedged sooner, however fast the account is
 * @param hedge whether reads are hedged
 * @param breaker when an account is left alone
 * @param concurrencyMin calls at a time that an account gets however often it throttles
 * @param concurrencyMax calls at a time to an account
 * @param waiters calls that may wait for their turn, per account
 * @param accounts accounts whose health is remembered
 */
public record ResilienceOptions(
    long tryMillis,
    long changeTryMillis,
    int tries,
    int extraTriesPercent,
    long backoffMillis,
    long backoffMaxMillis,
    long hedgeMinMillis,
    boolean hedge,
    Breaker breaker,
    int concurrencyMin,
    int concurrencyMax,
    int waiters,
    int accounts) {

  /**
   * When an account is left alone, and for how long.
   *
   * @param failures failures in a row that open it at once
   * @param silenceMillis it opens as well after so long without a success, if there were {@link
   *     #FEW_FAILURES} failures
   * @param pauseMillis until the first trial; doubled with each trial that fails
   * @param pauseMaxMillis what it doubles up to
   */
  public record Breaker(int failures, long silenceMillis, long pauseMillis, long pauseMaxMillis) {
    static final int FEW_FAILURES = 5;
  }
}
