package io.kveik.server.prefetch;

import io.kveik.server.block.TurnEnd;
import io.kveik.server.telemetry.Meters;
import java.util.Locale;

/** What is known of conversations, as meters. */
public final class PrefetchMeters {
  private PrefetchMeters() {}

  public static void bind(Prefetcher prefetcher, Meters meters) {
    meters
        .of(() -> prefetcher)
        .gauge("kveik.conversations", "Conversations remembered.", Prefetcher::conversations);
    for (TurnEnd end : TurnEnd.values()) {
      meters
          .of(() -> prefetcher)
          .labelled("stop_reason", end.name().toLowerCase(Locale.ROOT))
          .counter("kveik.turns", "Turns that hints told of.", one -> one.turns(end));
    }
  }
}
