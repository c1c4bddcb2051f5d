package io.kveik.server.tier.nvme;

import io.kveik.server.memory.Slab;
import io.kveik.server.tier.local.RootLock;
import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The real file system. Follows no symbolic link in the last place of a segment's path. */
final class DiskSegmentFiles implements SegmentFiles {
  private final IoMode mode;
  private volatile boolean direct;
  private volatile boolean gathering;

  private DiskSegmentFiles(IoMode mode) {
    this.mode = mode;
    this.direct = mode == IoMode.DIRECT;
  }

  static DiskSegmentFiles of(IoMode mode) {
    return new DiskSegmentFiles(mode);
  }

  @Override
  public Closeable lock(Path file) throws IOException {
    return RootLock.take(file);
  }

  @Override
  public void createDirectories(Path directory) throws IOException {
    Files.createDirectories(directory);
  }

  @Override
  public void forceDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** That a directory exists does not say that an earlier start synced it. */
  @Override
  public void forceWayTo(Path directory) throws IOException {
    for (Path at = directory; at != null; at = at.getParent()) {
      try {
        forceDirectory(at);
      } catch (AccessDeniedException e) {
        // Whoever may not open it for reading is not the one who made directories in it.
        return;
      }
    }
  }

  @Override
  public List<Path> list(Path directory) throws IOException {
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
      stream.forEach(entries::add);
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return entries;
  }

  @Override
  public SegmentFile create(Path file, long lengthBytes) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.allocate(1), lengthBytes - 1);
    }
    return open(file);
  }

  @Override
  public SegmentFile open(Path file) throws IOException {
    return new DiskSegmentFile(file, options(), direct);
  }

  @Override
  public void delete(Path file) throws IOException {
    Files.deleteIfExists(file);
  }

  @Override
  public int alignmentBytes() {
    return direct ? (int) RecordDescriptor.PAGE_BYTES : 1;
  }

  /** Small ones are copied at less cost than the system takes to find out where they lie. */
  @Override
  public boolean gathers(MemorySegment piece) {
    return gathering
        && piece.byteSize() >= Slab.LARGE_BYTES - RecordDescriptor.PAGE_BYTES
        && (!direct || piece.address() % Slab.SECTOR_BYTES == 0);
  }

  /**
   * Whether direct I/O works, for {@link IoMode#AUTO}: when a page of a file can be written and
   * read so. And whether pieces can be gathered from memory that is aligned to sectors.
   */
  @Override
  public void probe(Path directory) throws IOException {
    Path file = directory.resolve("probe.tmp");
    if (mode == IoMode.AUTO) {
      direct = true;
      direct = works(file, DiskSegmentFiles::writesDirectly);
    }
    gathering = GatheringFile.available() && works(file, DiskSegmentFiles::writesGathered);
  }

  @FunctionalInterface
  private interface Trial {
    boolean succeeds(SegmentFile opened, MemorySegment pages) throws IOException;
  }

  private boolean works(Path file, Trial trial) throws IOException {
    Files.deleteIfExists(file);
    try (Arena arena = Arena.ofConfined();
        SegmentFile probe = create(file, 2 * RecordDescriptor.PAGE_BYTES)) {
      MemorySegment pages =
          arena.allocate(3 * RecordDescriptor.PAGE_BYTES, RecordDescriptor.PAGE_BYTES);
      return trial.succeeds(probe, pages);
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private static boolean writesDirectly(SegmentFile opened, MemorySegment pages)
      throws IOException {
    ByteBuffer page = pages.asSlice(0, RecordDescriptor.PAGE_BYTES).asByteBuffer();
    SegmentFile.writeFully(opened, page, 0);
    return SegmentFile.readFully(opened, page.clear(), 0);
  }

  private static boolean writesGathered(SegmentFile opened, MemorySegment pages)
      throws IOException {
    long page = RecordDescriptor.PAGE_BYTES;
    opened.writeGathered(
        List.of(pages.asSlice(0, page), pages.asSlice(page + Slab.SECTOR_BYTES, page)), 0);
    return true;
  }

  private Set<OpenOption> options() {
    Set<OpenOption> options = new HashSet<>();
    options.add(StandardOpenOption.READ);
    options.add(StandardOpenOption.WRITE);
    options.add(LinkOption.NOFOLLOW_LINKS);
    if (direct) {
      options.add(directOption());
    }
    return options;
  }

  /**
   * By name: the only way to O_DIRECT is an option outside the standard API, and the compiler warns
   * of whoever names it.
   *
   * @throws UnsupportedOperationException on a JDK without it
   */
  private static OpenOption directOption() {
    try {
      for (Object option :
          Class.forName("com.sun.nio.file.ExtendedOpenOption").getEnumConstants()) {
        if (option.toString().equals("DIRECT")) {
          return (OpenOption) option;
        }
      }
    } catch (ClassNotFoundException e) {
      throw new UnsupportedOperationException("nvme.io: this JDK has no direct I/O", e);
    }
    throw new UnsupportedOperationException("nvme.io: this JDK has no direct I/O");
  }
}
