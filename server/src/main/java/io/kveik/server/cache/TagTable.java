package io.kveik.server.cache;

import io.kveik.server.memory.RecordMemory;
import io.kveik.server.memory.Records;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * An off-heap hash table from 32-bit tags to ids of records, which hold the whole keys. Tags of
 * several entries may be the same: callers walk the candidates and compare.
 *
 * <p>Extendible hashing (Fagin et al., TODS 1979) over the pages of {@link TagPageDescriptor}: a
 * directory on the heap names the page of a tag, a page that is full splits in two, so no operation
 * moves more than one page (about 900 words) or copies more than the directory (4 bytes a page).
 * Split pages are half full; so that they don't all split at the same number of entries, the tag
 * space is bent ({@link #bend}) until one end is twice as dense as the other: the table as a whole
 * is about two thirds full at any size.
 *
 * <p><b>Readers take no lock and never wait.</b> Inside a page an entry never moves: it is written
 * by one release store and removed by one. What is removed, and what a split or a cleaning of a
 * page leaves behind, is unlinked first, then the version of its stripe of the tag space goes up,
 * and only then may ids and pages be used for something else. So a reader that finds the version
 * unchanged at its end has seen nothing that was recycled under it:
 *
 * <pre>
 *   do {
 *     version = table.version(tag);
 *     for (hit = table.first(tag); hit != NONE; hit = table.next(hit, tag)) ... id(hit) ...
 *   } while (!table.unchanged(tag, version));
 * </pre>
 *
 * A reader tries again only when an entry of the same stripe (1 of 768) left meanwhile.
 *
 * <p>Writers exclude each other by the lock of whoever owns the table. All operations are O(1)
 * expected, a split apart. Limit: 2^22 pages, so over a billion entries.
 */
final class TagTable {
  static final long NONE = 0;

  /** Not the id of an entry. */
  private static final int ELSEWHERE = -1;

  private static final VarHandle PAGE_AT = MethodHandles.arrayElementVarHandle(int[].class);
  private static final int STRIPE_BITS = 10;
  private static final int FIRST_DEPTH = 1;

  private final Records pages;
  private final Records facts;
  private final AtomicIntegerArray versions = new AtomicIntegerArray(1 << STRIPE_BITS);

  /** Page by the first bits of the bent tag; its length is a power of two. */
  private volatile int[] directory = new int[1 << FIRST_DEPTH];

  TagTable(RecordMemory memory) {
    this.pages = memory.table(TagPageDescriptor.PAGE_BYTES);
    this.facts = memory.table(TagPageDescriptor.FACTS_BYTES);
    for (int i = 0; i < directory.length; i++) {
      directory[i] = newPage(FIRST_DEPTH);
    }
  }

  // ---- For readers: any thread.

  /** What to give to {@link #unchanged} after the reading. */
  int version(int tag) {
    return versions.getAcquire(stripe(bend(tag)));
  }

  /**
   * True when nothing that was reachable by the tag since {@link #version} can be something else
   * now.
   */
  boolean unchanged(int tag, int version) {
    VarHandle.acquireFence();
    return versions.getOpaque(stripe(bend(tag))) == version;
  }

  /** The first entry of the tag; {@link #NONE} without one. */
  long first(int tag) {
    return seek(pageOf(bend(tag)), TagPageDescriptor.home(tag), TagPageDescriptor.WHOLE_LINE, tag);
  }

  /**
   * {@link #version} and {@link #first} of many tags, whose waits for memory overlap. A processor
   * runs ahead of what it waits for by some three hundred instructions, so what may wait is in
   * loops of few: one reads all lines, and only then are they searched.
   */
  void first(TagProbes probes) {
    int size = probes.size();
    for (int i = 0; i < size; i++) {
      int tag = probes.tags[i];
      probes.versions[i] = version(tag);
      probes.lines[i] = lineOf(pageOf(bend(tag)), TagPageDescriptor.home(tag));
    }
    probes.peeked = Records.peek(probes.lines, size, 0);
    int unsettled = 0;
    for (int i = 0; i < size; i++) {
      probes.ids[i] = onlyIn(probes.lines[i], probes.tags[i]);
      if (probes.ids[i] == ELSEWHERE) {
        probes.unsettled[unsettled++] = i;
      }
    }
    for (int i = 0; i < unsettled; i++) {
      int tag = probes.tags[probes.unsettled[i]];
      int second = TagPageDescriptor.lineAfter(TagPageDescriptor.home(tag));
      probes.seconds[i] = lineOf(pageOf(bend(tag)), second);
    }
    probes.peeked ^= Records.peek(probes.seconds, unsettled, 0);
    for (int i = 0; i < unsettled; i++) {
      int place = probes.unsettled[i];
      probes.ids[place] = id(first(probes.tags[place]));
    }
  }

  /**
   * The id of a tag's entry if a search ends with this line; {@link Records#NONE} without one,
   * {@link #ELSEWHERE} when it would go on, or has several to choose from.
   */
  private static int onlyIn(long line, int tag) {
    int matches = matches(line, tag);
    if (Integer.bitCount(matches) == 1) {
      long word = wordAcquire(line, Integer.numberOfTrailingZeros(matches));
      boolean entry =
          TagPageDescriptor.tag(word) == tag && TagPageDescriptor.id(word) != Records.NONE;
      return entry ? TagPageDescriptor.id(word) : ELSEWHERE;
    }
    return matches == 0 && hasEmpty(line) ? Records.NONE : ELSEWHERE;
  }

  /** The entry of the tag after one that {@link #first} or this gave. */
  long next(long hit, int tag) {
    int position = (int) (hit >>> Integer.SIZE);
    return seek(
        TagPageDescriptor.page(position),
        TagPageDescriptor.line(position),
        TagPageDescriptor.wordsAfter(position),
        tag);
  }

  static int id(long hit) {
    return (int) hit;
  }

  /**
   * @param words of the first line to look at, bit i for its word i
   */
  private long seek(int page, int firstLine, int words, int tag) {
    int line = firstLine;
    int among = words;
    for (int steps = 0; steps < TagPageDescriptor.LINES; steps++) {
      long at = lineOf(page, line);
      for (int left = matches(at, tag) & among; left != 0; left &= left - 1) {
        int i = Integer.numberOfTrailingZeros(left);
        long word = wordAcquire(at, i);
        if (TagPageDescriptor.tag(word) == tag && TagPageDescriptor.id(word) != Records.NONE) {
          return (long) TagPageDescriptor.position(page, line, i) << Integer.SIZE
              | Integer.toUnsignedLong(TagPageDescriptor.id(word));
        }
      }
      if (hasEmpty(at)) {
        return NONE;
      }
      line = TagPageDescriptor.lineAfter(line);
      among = TagPageDescriptor.WHOLE_LINE;
    }
    return NONE;
  }

  private long lineOf(int page, int line) {
    return pages.address(page) + TagPageDescriptor.offset(line, 0);
  }

  /**
   * The words of a line that have the tag, bit i for word i. Without a branch that depends on them:
   * the processor would guess it wrong and wait for the line where it could already be at the next
   * search. Written out, because of a loop the compiler makes three times the instructions.
   */
  private static int matches(long line, int tag) {
    long wanted = Integer.toUnsignedLong(tag);
    return match(line, 0, wanted)
        | match(line, 1, wanted)
        | match(line, 2, wanted)
        | match(line, 3, wanted)
        | match(line, 4, wanted)
        | match(line, 5, wanted)
        | match(line, 6, wanted)
        | match(line, 7, wanted);
  }

  private static long wordAcquire(long line, int i) {
    return Records.getLongAcquire(line + (long) i * Long.BYTES);
  }

  /**
   * Bit i if the line's word i has the tag, else 0: of all differences only 0 less 1 is negative.
   */
  private static int match(long line, int i, long tag) {
    long word = Records.longAt(line + (long) i * Long.BYTES);
    long difference = (word >>> Integer.SIZE) ^ tag;
    return (int) ((difference - 1) >>> (Long.SIZE - 1)) << i;
  }

  /** True when searches end with this line; looks from its end, since it fills from its start. */
  private static boolean hasEmpty(long line) {
    for (int i = TagPageDescriptor.LINE_WORDS - 1; i >= 0; i--) {
      if (Records.longAt(line + (long) i * Long.BYTES) == TagPageDescriptor.EMPTY) {
        return true;
      }
    }
    return false;
  }

  // ---- For the writer.

  /**
   * Adds an entry; readers find it, and what was written before, once this has returned.
   *
   * @param id at least 1; not in the table with this tag yet
   */
  void add(int tag, int id) {
    long bent = bend(tag);
    int page = pageOf(bent);
    while (used(page) >= TagPageDescriptor.MAX_USED) {
      makeRoom(page, bent);
      page = pageOf(bent);
    }
    int line = TagPageDescriptor.home(tag);
    int index;
    while ((index = indexOf(page, line, TagPageDescriptor.EMPTY)) < 0
        && (index = indexOf(page, line, TagPageDescriptor.TOMBSTONE)) < 0) {
      line = TagPageDescriptor.lineAfter(line);
    }
    int usedMore = wordAt(page, line, index) == TagPageDescriptor.EMPTY ? 1 : 0;
    put(page, line, index, TagPageDescriptor.word(tag, id));
    count(page, usedMore, 1);
  }

  /**
   * Removes an entry. On return no reader that starts finds it, and those under way will find
   * {@link #unchanged} false: the record may be used for something else.
   *
   * @throws IllegalStateException when it isn't there
   */
  void remove(int tag, int id) {
    long bent = bend(tag);
    int page = pageOf(bent);
    int line = TagPageDescriptor.home(tag);
    long entry = TagPageDescriptor.word(tag, id);
    int index;
    while ((index = indexOf(page, line, entry)) < 0) {
      if (indexOf(page, line, TagPageDescriptor.EMPTY) >= 0) {
        throw new IllegalStateException("no entry of tag " + tag + " and id " + id);
      }
      line = TagPageDescriptor.lineAfter(line);
    }
    // Searches end at a line with an empty word; they must go on past one that was full.
    boolean last = indexOf(page, line, TagPageDescriptor.EMPTY) >= 0;
    put(page, line, index, last ? TagPageDescriptor.EMPTY : TagPageDescriptor.TOMBSTONE);
    count(page, last ? -1 : 0, -1);
    retire(stripe(bent));
  }

  /** Makes words of a full page free: by a split, or without its tombstones when they are many. */
  private void makeRoom(int page, long bent) {
    if (live(page) <= TagPageDescriptor.MAX_LIVE_TO_CLEAN) {
      replace(page, bent, newPage(depth(page)), Records.NONE);
    } else {
      int depth = depth(page) + 1;
      if (depth > TagPageDescriptor.MAX_DEPTH) {
        throw new IllegalStateException(
            "more than " + TagPageDescriptor.MAX_LIVE_TO_CLEAN + " entries of one tag: no hash");
      }
      if (1 << depth > directory.length) {
        doubleDirectory();
      }
      replace(page, bent, newPage(depth), newPage(depth));
    }
  }

  /**
   * Copies a page's entries and puts the copy in its place.
   *
   * @param high for the upper half of the page's tags; none: all go to {@code low}
   */
  private void replace(int page, long bent, int low, int high) {
    int shift = Long.SIZE - 1 - depth(page);
    for (int index = 0; index < TagPageDescriptor.WORDS; index++) {
      long word = wordAt(page, 0, index);
      if (TagPageDescriptor.id(word) != Records.NONE) {
        int tag = TagPageDescriptor.tag(word);
        boolean upper = high != Records.NONE && (bend(tag) >>> shift & 1) == 1;
        copyTo(upper ? high : low, tag, word);
      }
    }
    long firstBent = bent >>> (shift + 1) << (shift + 1);
    long lastBent = firstBent | ((1L << (shift + 1)) - 1);
    int[] named = directory;
    int directoryShift = directoryShift(named);
    for (int i = (int) (firstBent >>> directoryShift);
        i <= (int) (lastBent >>> directoryShift);
        i++) {
      boolean upper = high != Records.NONE && ((long) i << directoryShift >>> shift & 1) == 1;
      PAGE_AT.setRelease(named, i, upper ? high : low);
    }
    for (int stripe = stripe(firstBent); stripe <= stripe(lastBent); stripe++) {
      retire(stripe);
    }
    facts.free(page);
  }

  private void copyTo(int page, int tag, long word) {
    int line = TagPageDescriptor.home(tag);
    int index;
    while ((index = indexOf(page, line, TagPageDescriptor.EMPTY)) < 0) {
      line = TagPageDescriptor.lineAfter(line);
    }
    pages.setLong(page, TagPageDescriptor.offset(line, index), word);
    count(page, 1, 1);
  }

  private void doubleDirectory() {
    int[] old = directory;
    int[] twice = new int[old.length * 2];
    for (int i = 0; i < twice.length; i++) {
      twice[i] = old[i >>> 1];
    }
    directory = twice;
  }

  /** Says to readers under way that what was just unlinked is about to be recycled. */
  private void retire(int stripe) {
    versions.setRelease(stripe, versions.getPlain(stripe) + 1);
    VarHandle.storeStoreFence();
  }

  private int newPage(int depth) {
    // Ids, and the list of free ones, are those of the facts: a free page stays a page to readers.
    int page = facts.allocate();
    if (page > TagPageDescriptor.MAX_PAGES) {
      throw new OutOfMemoryError("tag table: more than " + TagPageDescriptor.MAX_PAGES + " pages");
    }
    pages.ensure(page);
    pages.clear(page);
    facts.setInt(page, TagPageDescriptor.FACT_DEPTH, depth);
    return page;
  }

  /** Makes every reader under way try again. */
  void retireAll() {
    for (int stripe = 0; stripe < versions.length(); stripe++) {
      retire(stripe);
    }
  }

  private int pageOf(long bent) {
    int[] named = directory;
    return (int) PAGE_AT.getAcquire(named, (int) (bent >>> directoryShift(named)));
  }

  private static int directoryShift(int[] named) {
    return Long.numberOfLeadingZeros(named.length) + 1;
  }

  /**
   * Bends the tags, taken as fractions h of 1, to h (2 + h) / 4: in order, and with a density that
   * falls by half from one end to the other. As unsigned 64-bit fractions of 1; the upper quarter
   * stays unused.
   */
  private static long bend(int tag) {
    long half = Integer.toUnsignedLong(tag) >>> 1;
    return half * ((1L << Integer.SIZE) + half);
  }

  private static int stripe(long bent) {
    return (int) (bent >>> (Long.SIZE - STRIPE_BITS));
  }

  /** Where in a line that word is; -1 when it isn't. */
  private int indexOf(int page, int line, long word) {
    for (int i = 0; i < TagPageDescriptor.LINE_WORDS; i++) {
      if (wordAt(page, line, i) == word) {
        return i;
      }
    }
    return -1;
  }

  private long wordAt(int page, int line, int index) {
    return pages.getLong(page, TagPageDescriptor.offset(line, index));
  }

  private void put(int page, int line, int index, long word) {
    pages.setLongRelease(page, TagPageDescriptor.offset(line, index), word);
  }

  private int used(int page) {
    return facts.getInt(page, TagPageDescriptor.FACT_USED);
  }

  private int live(int page) {
    return facts.getInt(page, TagPageDescriptor.FACT_LIVE);
  }

  private int depth(int page) {
    return facts.getInt(page, TagPageDescriptor.FACT_DEPTH);
  }

  private void count(int page, int usedMore, int liveMore) {
    facts.setInt(page, TagPageDescriptor.FACT_USED, used(page) + usedMore);
    facts.setInt(page, TagPageDescriptor.FACT_LIVE, live(page) + liveMore);
  }
}
