package io.kveik.server.tier.object.resilient;

import java.util.concurrent.atomic.LongAdder;

/** What {@link ResilientBlobStore} counts, a catalogue. All only ever grow; any thread. */
public final class ResilienceCounters {
  /** Calls that came to a first try. */
  public final LongAdder calls = new LongAdder();

  /** Requests sent: first tries, retries and hedges. */
  public final LongAdder tries = new LongAdder();

  public final LongAdder retries = new LongAdder();
  public final LongAdder hedges = new LongAdder();

  /** Hedges that answered before the try they were sent beside. */
  public final LongAdder hedgesWon = new LongAdder();

  /** Tries that the store refused as too many (503, 429). */
  public final LongAdder throttled = new LongAdder();

  /** Tries without an answer, or with a server's error. */
  public final LongAdder unavailable = new LongAdder();

  /** Tries that were refused for good. */
  public final LongAdder refused = new LongAdder();

  /** Calls refused here, without a try: the account is being left alone. */
  public final LongAdder shortCircuited = new LongAdder();

  /** Calls refused here, without a try: too many were waiting, or waited too long. */
  public final LongAdder crowdedOut = new LongAdder();

  /** Retries and hedges that would have been made, had the budget not been spent. */
  public final LongAdder overBudget = new LongAdder();

  /** Calls whose deadline came before their answer. */
  public final LongAdder overDeadline = new LongAdder();

  /** Times that an account was found failing and left alone. */
  public final LongAdder breakerOpened = new LongAdder();
}
