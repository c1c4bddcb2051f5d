package io.kveik.server.tier.nvme;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A file to write gathered pieces to at a position, {@code pwritev(2)}: the JDK's channels gather
 * at their own position alone, and for direct I/O they want memory aligned to a whole page where
 * the system is content with a sector. Through {@code java.lang.foreign}; Linux on x86-64 and
 * AArch64.
 *
 * <p>Any thread may write beside others. Nobody may be writing when it is closed. An interrupt does
 * nothing to a write.
 */
final class GatheringFile implements Closeable {
  /** So many pieces the system takes in one call; here a record's three. */
  static final int MAX_PIECES = 8;

  private static final StructLayout IOVEC =
      MemoryLayout.structLayout(ADDRESS.withName("base"), JAVA_LONG.withName("length"));

  private final int descriptor;

  private GatheringFile(int descriptor) {
    this.descriptor = descriptor;
  }

  /** Whether there is such a thing on this system. */
  static boolean available() {
    return OpenFlags.ofThisMachine() != null;
  }

  /** Opens a file that exists, and no symbolic link. */
  static GatheringFile open(Path file, boolean direct) throws IOException {
    OpenFlags flags = OpenFlags.ofThisMachine();
    if (flags == null) {
      throw new IOException("gathered writes are for Linux on x86-64 and AArch64");
    }
    try (Arena call = Arena.ofConfined()) {
      MemorySegment state = call.allocate(Calls.STATE);
      int descriptor =
          (int) Calls.OPEN.invokeExact(state, call.allocateFrom(file.toString()), flags.of(direct));
      if (descriptor < 0) {
        throw Calls.failure("open", state);
      }
      return new GatheringFile(descriptor);
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError("a downcall throws nothing of its own", e);
    }
  }

  /**
   * Writes all of them, one behind the other.
   *
   * @param pieces native, 1 to {@value #MAX_PIECES}, none empty
   */
  void write(List<MemorySegment> pieces, long position) throws IOException {
    if (pieces.isEmpty() || pieces.size() > MAX_PIECES) {
      throw new IllegalArgumentException(
          "pieces=" + pieces.size() + ", must be 1 to " + MAX_PIECES);
    }
    try (Arena call = Arena.ofConfined()) {
      MemorySegment state = call.allocate(Calls.STATE);
      MemorySegment vector = call.allocate(IOVEC, pieces.size());
      long at = position;
      long end = position + pieces.stream().mapToLong(MemorySegment::byteSize).sum();
      while (at < end) {
        int count = fill(vector, pieces, at - position);
        long written = (long) Calls.PWRITEV.invokeExact(state, descriptor, vector, count, at);
        if (written < 0 && !Calls.interrupted(state)) {
          throw Calls.failure("pwritev", state);
        }
        if (written == 0) {
          throw new IOException("write made no progress");
        }
        at += Math.max(0, written);
      }
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError("a downcall throws nothing of its own", e);
    }
  }

  /** What is left of the pieces behind so many bytes; returns how many there are. */
  private static int fill(MemorySegment vector, List<MemorySegment> pieces, long writtenBytes) {
    long skip = writtenBytes;
    int count = 0;
    for (MemorySegment piece : pieces) {
      if (skip >= piece.byteSize()) {
        skip -= piece.byteSize();
        continue;
      }
      MemorySegment entry = vector.asSlice(count++ * IOVEC.byteSize(), IOVEC.byteSize());
      entry.set(ADDRESS, 0, piece.asSlice(skip));
      entry.set(JAVA_LONG, ADDRESS.byteSize(), piece.byteSize() - skip);
      skip = 0;
    }
    return count;
  }

  @Override
  public void close() throws IOException {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment state = call.allocate(Calls.STATE);
      int result = (int) Calls.CLOSE.invokeExact(state, descriptor);
      if (result != 0) {
        throw Calls.failure("close", state);
      }
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError("a downcall throws nothing of its own", e);
    }
  }

  /**
   * The system's numbers, which differ from one processor to another (Linux,
   * arch/&#42;/include/uapi/asm/fcntl.h).
   */
  private record OpenFlags(int direct, int noFollow) {
    private static final int WRITE_ONLY = 0x1;
    private static final int CLOSE_ON_EXEC = 0x80000;

    static @Nullable OpenFlags ofThisMachine() {
      if (!System.getProperty("os.name", "").equals("Linux")) {
        return null;
      }
      return switch (System.getProperty("os.arch", "")) {
        case "amd64" -> new OpenFlags(0x4000, 0x20000);
        case "aarch64" -> new OpenFlags(0x10000, 0x8000);
        default -> null;
      };
    }

    int of(boolean directly) {
      return WRITE_ONLY | CLOSE_ON_EXEC | noFollow | (directly ? direct : 0);
    }
  }

  /** The system calls; a class of its own so that other systems never link them. */
  private static final class Calls {
    static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final long ERRNO =
        STATE.byteOffset(MemoryLayout.PathElement.groupElement("errno"));
    private static final int EINTR = 4;

    static final MethodHandle OPEN =
        handle("open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
    static final MethodHandle PWRITEV =
        handle("pwritev", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT, JAVA_LONG));
    static final MethodHandle CLOSE = handle("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle STRERROR =
        Linker.nativeLinker()
            .downcallHandle(
                Linker.nativeLinker().defaultLookup().findOrThrow("strerror"),
                FunctionDescriptor.of(ADDRESS, JAVA_INT));

    private static final long MESSAGE_BYTES = 256;

    private Calls() {}

    private static MethodHandle handle(String name, FunctionDescriptor type) {
      Linker linker = Linker.nativeLinker();
      return linker.downcallHandle(
          linker.defaultLookup().findOrThrow(name), type, Linker.Option.captureCallState("errno"));
    }

    static boolean interrupted(MemorySegment state) {
      return state.get(JAVA_INT, ERRNO) == EINTR;
    }

    /** As the JDK's own exceptions do, with the system's words for it. */
    static IOException failure(String call, MemorySegment state) {
      int errno = state.get(JAVA_INT, ERRNO);
      try {
        MemorySegment message = (MemorySegment) STRERROR.invokeExact(errno);
        return new IOException(message.reinterpret(MESSAGE_BYTES).getString(0));
      } catch (Throwable e) {
        return new IOException(call + " failed with errno " + errno, e);
      }
    }
  }
}
