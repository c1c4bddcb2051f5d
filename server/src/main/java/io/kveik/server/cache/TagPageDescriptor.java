package io.kveik.server.cache;

/**
 * The layout of a {@link TagTable}'s pages: open addressing by cache lines within one page.
 *
 * <pre>
 *   page    +--------+--------+--------+- - - - - -+--------+
 *           | line 0 | line 1 | line 2 |           | line   |   8 KiB, aligned to 64 bytes
 *           +--------+--------+--------+- - - - - -+--------+
 *                                                    127
 *   line    8 words of 8 bytes
 *
 *   word    63                    32 31                     0
 *           +-----------------------+-----------------------+
 *   entry   | tag                   | id, never 0           |
 *   removed | 1                     | 0                     |   TOMBSTONE
 *           | 0                     | 0                     |   EMPTY: searches end with this line
 *           +-----------------------+-----------------------+
 *
 *   facts   used words u32 | live entries u32 | depth u32       12 bytes beside each page
 * </pre>
 *
 * <p>The first bits of a (bent) tag choose the page, the last seven its home line in it; an entry
 * that finds its line full is in the next one that is not, around the end to the start. At most
 * nine words of ten are used, so there always is one. In a page of middling load about six searches
 * of seven end with their first line (Poisson). 8 bytes an entry at a mean load of 0.62 are 13
 * bytes an entry. Version 1; native order, never leaves the process.
 */
final class TagPageDescriptor {
  static final int LINE_WORDS = 8;
  static final int LINES = 128;
  static final int WORDS = LINES * LINE_WORDS;
  static final int PAGE_BYTES = WORDS * Long.BYTES;
  static final int WHOLE_LINE = (1 << LINE_WORDS) - 1;

  /** A page with this many words in use is split or cleaned before the next entry. */
  static final int MAX_USED = WORDS * 9 / 10;

  /** A full page with at most this many live entries is cleaned of tombstones, not split. */
  static final int MAX_LIVE_TO_CLEAN = MAX_USED * 7 / 8;

  static final long EMPTY = 0;
  static final long TOMBSTONE = 1L << Integer.SIZE;

  /** What fits a position in an int. */
  static final int MAX_PAGES = (1 << 22) - 1;

  /**
   * Bits of a tag that tell pages apart, at most: tags are hashes, so a page that deep is a bug.
   */
  static final int MAX_DEPTH = 24;

  static final int FACTS_BYTES = 12;
  static final int FACT_USED = 0;
  static final int FACT_LIVE = 4;
  static final int FACT_DEPTH = 8;

  private static final int WORD_BITS = 3;
  private static final int LINE_BITS = 7;

  private TagPageDescriptor() {}

  static long word(int tag, int id) {
    return (long) tag << Integer.SIZE | Integer.toUnsignedLong(id);
  }

  static int tag(long word) {
    return (int) (word >>> Integer.SIZE);
  }

  static int id(long word) {
    return (int) word;
  }

  /** The line where searches for a tag begin. */
  static int home(int tag) {
    return tag & (LINES - 1);
  }

  static int lineAfter(int line) {
    return (line + 1) & (LINES - 1);
  }

  static long offset(int line, int index) {
    return (((long) line << WORD_BITS) + index) * Long.BYTES;
  }

  /** A page, a line of it and a word in that as one number. */
  static int position(int page, int line, int index) {
    return (page << LINE_BITS | line) << WORD_BITS | index;
  }

  static int page(int position) {
    return position >>> (LINE_BITS + WORD_BITS);
  }

  static int line(int position) {
    return position >>> WORD_BITS & (LINES - 1);
  }

  /** The words of a position's line behind it, bit i for word i. */
  static int wordsAfter(int position) {
    return WHOLE_LINE & -2 << (position & (LINE_WORDS - 1));
  }
}
