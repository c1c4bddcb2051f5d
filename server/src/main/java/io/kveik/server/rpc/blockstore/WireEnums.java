package io.kveik.server.rpc.blockstore;

import io.kveik.server.block.AckLevel;
import io.kveik.server.block.TurnEnd;
import io.kveik.server.cache.LookupOutcome;
import io.kveik.server.cache.ReadOutcome;
import io.kveik.wire.nativev1.LoadMiss;
import io.kveik.wire.nativev1.MatchStop;
import io.kveik.wire.nativev1.StopReason;
import io.kveik.wire.nativev1.Tier;

/** The engine's words in the wire's. */
final class WireEnums {
  private WireEnums() {}

  static Tier of(LookupOutcome.Place place) {
    return switch (place) {
      case DRAM -> Tier.TIER_DRAM;
      case LOCAL -> Tier.TIER_LOCAL;
      case SHARED -> Tier.TIER_SHARED;
    };
  }

  static MatchStop.Reason of(LookupOutcome.StopReason reason) {
    return switch (reason) {
      case NEVER_STORED -> MatchStop.Reason.REASON_NEVER_STORED;
      case EVICTED -> MatchStop.Reason.REASON_EVICTED;
      case EXPIRED -> MatchStop.Reason.REASON_EXPIRED;
      case CORRUPT -> MatchStop.Reason.REASON_CORRUPT;
      case DELETED -> MatchStop.Reason.REASON_DELETED;
      case DROPPED -> MatchStop.Reason.REASON_DROPPED;
      case TIER_DOWN -> MatchStop.Reason.REASON_TIER_DOWN;
      case OVER_BUDGET -> MatchStop.Reason.REASON_OVER_BUDGET;
    };
  }

  static LoadMiss.Reason of(ReadOutcome.Reason reason) {
    return switch (reason) {
      case ABSENT -> LoadMiss.Reason.REASON_ABSENT;
      case EXPIRED -> LoadMiss.Reason.REASON_EXPIRED;
      case CORRUPT -> LoadMiss.Reason.REASON_CORRUPT;
      case TIER_DOWN -> LoadMiss.Reason.REASON_TIER_DOWN;
      case OVER_BUDGET -> LoadMiss.Reason.REASON_OVER_BUDGET;
      case NO_MEMORY -> LoadMiss.Reason.REASON_NO_MEMORY;
    };
  }

  /** What a client of another version says is as if it had said nothing. */
  static TurnEnd of(StopReason reason) {
    return switch (reason) {
      case STOP_REASON_UNSPECIFIED, UNRECOGNIZED -> TurnEnd.UNKNOWN;
      case STOP_REASON_END_TURN -> TurnEnd.END_TURN;
      case STOP_REASON_TOOL_USE -> TurnEnd.TOOL_USE;
      case STOP_REASON_MAX_TOKENS -> TurnEnd.MAX_TOKENS;
      case STOP_REASON_STOP_SEQUENCE -> TurnEnd.STOP_SEQUENCE;
      case STOP_REASON_CANCELLED -> TurnEnd.CANCELLED;
    };
  }

  static io.kveik.wire.nativev1.AckLevel of(AckLevel level) {
    return switch (level) {
      case MEMORY -> io.kveik.wire.nativev1.AckLevel.ACK_LEVEL_MEMORY;
      case LOCAL -> io.kveik.wire.nativev1.AckLevel.ACK_LEVEL_LOCAL;
      case SHARED -> io.kveik.wire.nativev1.AckLevel.ACK_LEVEL_SHARED;
    };
  }
}
