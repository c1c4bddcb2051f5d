package io.kveik.server.tier.object.presence;

import java.util.List;

/** The fingerprints of several sets in order, each once. One thread. */
final class FingerprintUnion implements FingerprintSet.Cursor {
  private final FingerprintSet.Cursor[] cursors;
  private final long[] heads;

  /**
   * @param bits the precision, which all of the sets have
   */
  FingerprintUnion(List<FingerprintSet> sets, int bits) {
    cursors = new FingerprintSet.Cursor[sets.size()];
    heads = new long[sets.size()];
    for (int i = 0; i < cursors.length; i++) {
      FingerprintSet set = sets.get(i);
      if (set.bits() < bits) {
        throw new IllegalArgumentException(
            "a set of " + set.bits() + " bits has no fingerprints of " + bits);
      }
      cursors[i] = set.cursor(bits);
      heads[i] = cursors[i].next();
    }
  }

  @Override
  public long next() {
    long least = Long.MAX_VALUE;
    for (long head : heads) {
      if (head >= 0 && head < least) {
        least = head;
      }
    }
    if (least == Long.MAX_VALUE) {
      return -1;
    }
    for (int i = 0; i < heads.length; i++) {
      if (heads[i] == least) {
        heads[i] = cursors[i].next();
      }
    }
    return least;
  }
}
