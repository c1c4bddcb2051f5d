package io.kveik.server.cache;

/**
 * The layout of a {@link TagTable}'s pages: open addressing with linear probing within one page.
 *
 * <pre>
 *   page    +--------+--------+--------+- - - - - -+--------+
 *           | word 0 | word 1 | word 2 |           | word   |   8 KiB, aligned to 64 bytes
 *           +--------+--------+--------+- - - - - -+--------+
 *                                                    1023
 *   word    63                    32 31                     0
 *           +-----------------------+-----------------------+
 *   entry   | tag                   | id, never 0           |
 *   removed | 1                     | 0                     |   TOMBSTONE: searches go on
 *   free    | 0                     | 0                     |   EMPTY: searches end
 *           +-----------------------+-----------------------+
 *
 *   facts   used words u32 | live entries u32 | depth u32       12 bytes beside each page
 * </pre>
 *
 * <p>The first bits of a (bent) tag choose the page, the last ten its home word in it. At most nine
 * words of ten are used, so a search of a full page looks at 5 words for a hit and at 50 for a
 * miss, that is, at two to seven cache lines in a row, and at one in a page of middling load. 8
 * bytes an entry at a mean load of 0.62 are 13 bytes an entry. Version 1; native order, never
 * leaves the process.
 */
final class TagPageDescriptor {
  static final int WORDS = 1024;
  static final int INDEX_MASK = WORDS - 1;
  static final int PAGE_BYTES = WORDS * Long.BYTES;

  /** A page with this many words in use is split or cleaned before the next entry. */
  static final int MAX_USED = WORDS * 9 / 10;

  /** A full page with at most this many live entries is cleaned of tombstones, not split. */
  static final int MAX_LIVE_TO_CLEAN = MAX_USED * 7 / 8;

  static final long EMPTY = 0;
  static final long TOMBSTONE = 1L << Integer.SIZE;

  /** What fits a position in an int. */
  static final int MAX_PAGES = (1 << 22) - 1;

  static final int FACTS_BYTES = 12;
  static final int FACT_USED = 0;
  static final int FACT_LIVE = 4;
  static final int FACT_DEPTH = 8;

  private static final int INDEX_BITS = 10;

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

  static int home(int tag) {
    return tag & INDEX_MASK;
  }

  static long offset(int index) {
    return (long) index * Long.BYTES;
  }

  /** A page and a word in it as one number. */
  static int position(int page, int index) {
    return page << INDEX_BITS | index;
  }

  static int page(int position) {
    return position >>> INDEX_BITS;
  }

  /** The index of the word after a position. */
  static int after(int position) {
    return (position + 1) & INDEX_MASK;
  }
}
