package io.kveik.server.tier.nvme;

import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Segment files in memory that promise what a disk does and no more: a write survives a power loss
 * once its file is synced, else it does or not, page by page in any order, or torn at a sector; a
 * name survives once its directory is synced. Through the page cache, what a failed sync should
 * have written no later one will. One thread.
 */
final class SimulatedSegments implements SegmentFiles {
  /** How the message of every exception that was asked for begins. */
  static final String FAULT = "simulated";

  private static final int PAGE = 4096;
  private static final int SECTOR = 512;
  private static final int LEASE_ALIGNMENT = 64;

  private static final class Content {
    private final Map<Long, byte[]> live = new HashMap<>();
    private final Map<Long, byte[]> synced = new HashMap<>();
    private final Set<Long> dirty = new HashSet<>();
    private long length;
    private boolean lengthSynced;
  }

  private final boolean direct;
  private final Map<Path, Content> live = new HashMap<>();
  private final Map<Path, Content> synced = new HashMap<>();
  private long callsLeft = Long.MAX_VALUE;
  private long failAt = Long.MAX_VALUE;
  private long calls;
  private @Nullable SplittableRandom hiccups;
  private int callsPerHiccup = 1;
  private boolean syncsFail;
  private boolean writesFail;
  private long gathered;

  /**
   * @param direct as with O_DIRECT: transfers must be aligned, and a failed sync can be made good
   */
  SimulatedSegments(boolean direct) {
    this.direct = direct;
  }

  /** After that many more calls each one fails: the power is gone, or the process is. */
  void stopAfter(long callsUntilThen) {
    callsLeft = callsUntilThen;
  }

  /** Records that were written from where they lay. */
  long gathered() {
    return gathered;
  }

  boolean stopped() {
    return callsLeft <= 0;
  }

  /** From now on about one call in so many fails, and the next may work again. */
  void hiccup(SplittableRandom random, int oneIn) {
    hiccups = random;
    callsPerHiccup = oneIn;
  }

  /** The call with that number fails, the next one being 1. */
  void failOnce(long nth) {
    calls = 0;
    failAt = nth;
  }

  /** Whether the one failure has come up; it won't any more. */
  boolean disarm() {
    boolean hit = calls >= failAt;
    failAt = Long.MAX_VALUE;
    return hit;
  }

  void failSyncs(boolean on) {
    syncsFail = on;
  }

  /** As of a full disk: reads and syncs go on. */
  void failWrites(boolean on) {
    writesFail = on;
  }

  /** The process died, the machine did not: all that was written is there. */
  SimulatedSegments afterKill() {
    SimulatedSegments after = new SimulatedSegments(direct);
    after.live.putAll(live);
    after.synced.putAll(synced);
    return after;
  }

  /** The machine lost power. */
  SimulatedSegments afterPowerLoss(SplittableRandom random) {
    SimulatedSegments after = new SimulatedSegments(direct);
    Set<Path> names = new TreeSet<>(live.keySet());
    names.addAll(synced.keySet());
    for (Path name : names) {
      Content content = (random.nextBoolean() ? live : synced).get(name);
      if (content != null) {
        after.live.put(name, survivor(content, random));
      }
    }
    after.synced.putAll(after.live);
    return after;
  }

  private static Content survivor(Content content, SplittableRandom random) {
    Content left = new Content();
    left.length = content.lengthSynced || random.nextBoolean() ? content.length : 0;
    left.lengthSynced = true;
    Set<Long> pages = new TreeSet<>(content.live.keySet());
    pages.addAll(content.synced.keySet());
    for (long page : pages) {
      if (page * PAGE < left.length) {
        byte[] before = content.synced.getOrDefault(page, new byte[PAGE]);
        byte[] written = content.live.getOrDefault(page, new byte[PAGE]);
        left.live.put(page, survivor(before, written, random));
      }
    }
    left.synced.putAll(left.live);
    return left;
  }

  private static byte[] survivor(byte[] before, byte[] written, SplittableRandom random) {
    return switch (random.nextInt(4)) {
      case 0 -> before.clone();
      case 1 -> {
        byte[] torn = before.clone();
        System.arraycopy(written, 0, torn, 0, SECTOR * random.nextInt(1, PAGE / SECTOR));
        yield torn;
      }
      default -> written.clone();
    };
  }

  private void step() throws IOException {
    if (callsLeft <= 0) {
      throw new IOException(FAULT + ": power is gone");
    }
    callsLeft--;
    calls++;
    if (calls == failAt || (hiccups != null && hiccups.nextInt(callsPerHiccup) == 0)) {
      throw new IOException(FAULT + ": input/output error");
    }
  }

  /** No second process in a simulation of one. */
  @Override
  public Closeable lock(Path file) throws IOException {
    step();
    return () -> {};
  }

  @Override
  public void createDirectories(Path directory) throws IOException {
    step();
  }

  @Override
  public void forceDirectory(Path directory) throws IOException {
    step();
    synced.clear();
    synced.putAll(live);
  }

  /** All of its directories are one. */
  @Override
  public void forceWayTo(Path directory) throws IOException {
    forceDirectory(directory);
  }

  @Override
  public List<Path> list(Path directory) throws IOException {
    step();
    return List.copyOf(new TreeSet<>(live.keySet()));
  }

  @Override
  public SegmentFile create(Path file, long lengthBytes) throws IOException {
    step();
    Content content = new Content();
    content.length = lengthBytes;
    if (live.putIfAbsent(file, content) != null) {
      throw new FileAlreadyExistsException(file.toString());
    }
    return new OpenFile(content);
  }

  @Override
  public SegmentFile open(Path file) throws IOException {
    step();
    Content content = live.get(file);
    if (content == null) {
      throw new NoSuchFileException(file.toString());
    }
    return new OpenFile(content);
  }

  @Override
  public void delete(Path file) throws IOException {
    step();
    live.remove(file);
  }

  @Override
  public int alignmentBytes() {
    return direct ? PAGE : 1;
  }

  /** More than any drive, so that small blocks go that way too. */
  @Override
  public boolean gathers(MemorySegment piece) {
    return piece.address() % LEASE_ALIGNMENT == 0;
  }

  @Override
  public void probe(Path directory) throws IOException {
    step();
  }

  private final class OpenFile implements SegmentFile {
    private final Content content;

    OpenFile(Content content) {
      this.content = content;
    }

    @Override
    public long size() throws IOException {
      step();
      return content.length;
    }

    @Override
    public int read(ByteBuffer into, long position) throws IOException {
      step();
      requireAligned(into, position);
      if (position >= content.length) {
        return -1;
      }
      into.put(content.live.getOrDefault(position / PAGE, new byte[PAGE]));
      return PAGE;
    }

    /** One page at a time, so that a stop can fall anywhere in a record. */
    @Override
    public int write(ByteBuffer from, long position) throws IOException {
      step();
      requireAligned(from, position);
      if (writesFail) {
        throw new IOException(FAULT + ": no space left on device");
      }
      byte[] page = new byte[PAGE];
      from.get(page);
      content.live.put(position / PAGE, page);
      content.dirty.add(position / PAGE);
      content.length = Math.max(content.length, position + PAGE);
      return PAGE;
    }

    /** One page at a time too: no more is promised of one call than of several. */
    @Override
    public void writeGathered(List<MemorySegment> pieces, long position) throws IOException {
      long bytes = pieces.stream().mapToLong(MemorySegment::byteSize).sum();
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment all = arena.allocate(bytes, PAGE);
        long at = 0;
        for (MemorySegment piece : pieces) {
          all.asSlice(at, piece.byteSize()).copyFrom(piece);
          at += piece.byteSize();
        }
        SegmentFile.writeFully(this, all.asByteBuffer(), position);
      }
      gathered++;
    }

    @Override
    public void rest() {}

    @Override
    public void force() throws IOException {
      Set<Long> written = Set.copyOf(content.dirty);
      if (!direct) {
        // Whether it works or not: what is clean once is never written again.
        content.dirty.clear();
      }
      step();
      if (syncsFail) {
        throw new IOException(FAULT + ": sync failed");
      }
      content.dirty.clear();
      written.forEach(page -> content.synced.put(page, content.live.get(page)));
      content.lengthSynced = true;
    }

    @Override
    public void close() throws IOException {
      step();
    }

    private void requireAligned(ByteBuffer buffer, long position) {
      if (direct
          && (position % PAGE != 0
              || buffer.remaining() % PAGE != 0
              || buffer.alignmentOffset(buffer.position(), PAGE) != 0)) {
        throw new IllegalArgumentException(
            "direct I/O of " + buffer + " at " + position + " is not aligned");
      }
    }
  }
}
