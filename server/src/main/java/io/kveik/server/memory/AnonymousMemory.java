package io.kveik.server.memory;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;

/**
 * Maps private anonymous memory that is not resident until it is used.
 *
 * <p>{@link Arena#allocate(long)} zeroes what it returns, so a slab made with it would be resident
 * in full from the start; {@code mmap(2)} leaves that to the first touch of each page. Called
 * through {@code java.lang.foreign}, once per mapping and from any thread. Needs native access for
 * this module.
 *
 * <p>Random reads of gigabytes miss the TLB each time with pages of 4 KiB, and then wait for the
 * page tables too; pages of 2 MiB make that rare. Mappings that ask for them start at a multiple of
 * 2 MiB, and become resident 2 MiB at a time but for what is left at their end.
 */
final class AnonymousMemory {
  /** Of x86-64, and of AArch64 with pages of 4 KiB. */
  static final long HUGE_PAGE_BYTES = 2L << 20;

  private static final int PROT_READ_WRITE = 0x3;
  private static final int MAP_PRIVATE_ANONYMOUS_LINUX = 0x22;
  private static final int NO_FILE = -1;
  private static final long MAP_FAILED = -1L;
  private static final int MADV_DONTNEED_LINUX = 4;
  private static final int MADV_HUGEPAGE_LINUX = 14;
  private static final long ALIGNMENT_BYTES = 4096;

  private AnonymousMemory() {}

  /** Memory in pages of the system's usual size. */
  static MemorySegment map(Arena arena, long capacityBytes) {
    return isLinux()
        ? Mmap.map(arena, capacityBytes)
        : arena.allocate(capacityBytes, ALIGNMENT_BYTES);
  }

  /**
   * Memory in pages of 2 MiB, as far as the system has any: whether it does shows nowhere but in
   * time and in {@code AnonHugePages} of {@code /proc/self/smaps}.
   */
  static MemorySegment mapHuge(Arena arena, long capacityBytes) {
    return isLinux() && capacityBytes >= HUGE_PAGE_BYTES
        ? Mmap.mapHuge(arena, capacityBytes)
        : map(arena, capacityBytes);
  }

  /**
   * Gives the pages of memory that was mapped here back to the system while the mapping stays: what
   * is read from then on is zero, what is written takes pages anew. Does nothing but on Linux.
   */
  static void discard(MemorySegment mapped) {
    if (isLinux()) {
      Mmap.advise(mapped, MADV_DONTNEED_LINUX);
    }
  }

  private static boolean isLinux() {
    return System.getProperty("os.name", "").equals("Linux");
  }

  /** The three system calls; a class of its own so that other systems never link them. */
  private static final class Mmap {
    private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
    private static final long ERRNO_OFFSET =
        CALL_STATE.byteOffset(MemoryLayout.PathElement.groupElement("errno"));
    private static final MethodHandle MMAP =
        handle(
            "mmap",
            FunctionDescriptor.of(
                ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
    private static final MethodHandle MUNMAP =
        handle("munmap", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));
    private static final MethodHandle MADVISE =
        handle("madvise", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));

    private static MethodHandle handle(String name, FunctionDescriptor type) {
      Linker linker = Linker.nativeLinker();
      return linker.downcallHandle(
          linker.defaultLookup().findOrThrow(name), type, Linker.Option.captureCallState("errno"));
    }

    static MemorySegment map(Arena arena, long capacityBytes) {
      return owned(arena, reserve(capacityBytes));
    }

    /** Maps a huge page too much, so that the capacity fits in from a multiple of one on. */
    static MemorySegment mapHuge(Arena arena, long capacityBytes) {
      long length = roundUp(capacityBytes, ALIGNMENT_BYTES);
      MemorySegment reserved = reserve(length + HUGE_PAGE_BYTES);
      long head = roundUp(reserved.address(), HUGE_PAGE_BYTES) - reserved.address();
      if (head > 0) {
        unmap(reserved.asSlice(0, head));
      }
      unmap(reserved.asSlice(head + length));
      MemorySegment mapped = reserved.asSlice(head, length);
      advise(mapped, MADV_HUGEPAGE_LINUX);
      return owned(arena, mapped).asSlice(0, capacityBytes);
    }

    private static long roundUp(long bytes, long multiple) {
      return (bytes + multiple - 1) / multiple * multiple;
    }

    private static MemorySegment owned(Arena arena, MemorySegment mapped) {
      return mapped.reinterpret(arena, Mmap::unmap);
    }

    private static MemorySegment reserve(long bytes) {
      try (Arena call = Arena.ofConfined()) {
        MemorySegment state = call.allocate(CALL_STATE);
        MemorySegment mapped =
            (MemorySegment)
                MMAP.invokeExact(
                    state,
                    MemorySegment.NULL,
                    bytes,
                    PROT_READ_WRITE,
                    MAP_PRIVATE_ANONYMOUS_LINUX,
                    NO_FILE,
                    0L);
        if (mapped.address() == MAP_FAILED) {
          throw new OutOfMemoryError(
              "mmap of bytes=" + bytes + " failed with errno " + state.get(JAVA_INT, ERRNO_OFFSET));
        }
        return mapped.reinterpret(bytes);
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new AssertionError("a downcall throws nothing of its own", e);
      }
    }

    private static void advise(MemorySegment bytes, int advice) {
      try (Arena call = Arena.ofConfined()) {
        // Hints: a kernel that refuses one leaves the memory as good as it was.
        int _ =
            (int) MADVISE.invokeExact(call.allocate(CALL_STATE), bytes, bytes.byteSize(), advice);
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new AssertionError("a downcall throws nothing of its own", e);
      }
    }

    private static void unmap(MemorySegment bytes) {
      try (Arena call = Arena.ofConfined()) {
        MemorySegment state = call.allocate(CALL_STATE);
        int result = (int) MUNMAP.invokeExact(state, bytes, bytes.byteSize());
        if (result != 0) {
          throw new IllegalStateException(
              "munmap failed with errno " + state.get(JAVA_INT, ERRNO_OFFSET));
        }
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new AssertionError("a downcall throws nothing of its own", e);
      }
    }
  }
}
