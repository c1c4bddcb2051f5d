package io.kveik.server.tier.object.presence;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the marks of other servers tell: a mark that stays is of a server that has ended, and of
 * what it stored last no segment tells. The same may be true of a mark that was there when the
 * container was first listed, until it goes. Guarded by the digest's lock; O(marks), two for each
 * server.
 */
final class OthersMarks {
  private final long writer;
  private final long endedNanos;
  private Map<StoringMark, Seen> seen = Map.of();
  private boolean listedBefore;

  /** A mark, since when it is known, and whether it was there before that. */
  private record Seen(long sinceNanos, boolean atFirst) {}

  /**
   * @param writer this server's own number
   * @param endedMillis a server whose mark stays for so long has ended
   */
  OthersMarks(long writer, long endedMillis) {
    this.writer = writer;
    this.endedNanos = endedMillis * 1_000_000;
  }

  /** Takes note of the marks in a listing of all. */
  void listed(Collection<StoringMark> marks, long nowNanos) {
    Map<StoringMark, Seen> now = new HashMap<>();
    for (StoringMark mark : marks) {
      if (mark.writer() != writer) {
        Seen before = seen.get(mark);
        now.put(mark, before == null ? new Seen(nowNanos, !listedBefore) : before);
      }
    }
    seen = now;
    listedBefore = true;
  }

  /** True while there may be blocks of which nobody will tell. */
  boolean untold(long nowNanos) {
    return seen.values().stream().anyMatch(one -> one.atFirst() || ended(one, nowNanos));
  }

  /** Those of servers that have ended. */
  List<StoringMark> ofEnded(long nowNanos) {
    return seen.entrySet().stream()
        .filter(one -> ended(one.getValue(), nowNanos))
        .map(Map.Entry::getKey)
        .toList();
  }

  /** They have been taken away: a base tells of all that was stored under them. */
  void forget(Collection<StoringMark> marks) {
    Map<StoringMark, Seen> left = new HashMap<>(seen);
    left.keySet().removeAll(marks);
    seen = left;
  }

  private boolean ended(Seen one, long nowNanos) {
    return nowNanos - one.sinceNanos() > endedNanos;
  }
}
