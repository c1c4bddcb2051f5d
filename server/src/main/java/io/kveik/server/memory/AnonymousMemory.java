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
 */
final class AnonymousMemory {

  private static final int PROT_READ_WRITE = 0x3;
  private static final int MAP_PRIVATE_ANONYMOUS_LINUX = 0x22;
  private static final int NO_FILE = -1;
  private static final long MAP_FAILED = -1L;
  private static final long ALIGNMENT_BYTES = 4096;

  private AnonymousMemory() {}

  static MemorySegment map(Arena arena, long capacityBytes) {
    return System.getProperty("os.name", "").equals("Linux")
        ? Mmap.map(arena, capacityBytes)
        : arena.allocate(capacityBytes, ALIGNMENT_BYTES);
  }

  /** The two system calls; a class of its own so that other systems never link them. */
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

    private static MethodHandle handle(String name, FunctionDescriptor type) {
      Linker linker = Linker.nativeLinker();
      return linker.downcallHandle(
          linker.defaultLookup().findOrThrow(name), type, Linker.Option.captureCallState("errno"));
    }

    static MemorySegment map(Arena arena, long capacityBytes) {
      MemorySegment mapped;
      try (Arena call = Arena.ofConfined()) {
        MemorySegment state = call.allocate(CALL_STATE);
        mapped =
            (MemorySegment)
                MMAP.invokeExact(
                    state,
                    MemorySegment.NULL,
                    capacityBytes,
                    PROT_READ_WRITE,
                    MAP_PRIVATE_ANONYMOUS_LINUX,
                    NO_FILE,
                    0L);
        if (mapped.address() == MAP_FAILED) {
          throw new OutOfMemoryError(
              "mmap of capacityBytes="
                  + capacityBytes
                  + " failed with errno "
                  + state.get(JAVA_INT, ERRNO_OFFSET));
        }
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new AssertionError("a downcall throws nothing of its own", e);
      }
      return mapped.reinterpret(capacityBytes, arena, bytes -> unmap(bytes, capacityBytes));
    }

    private static void unmap(MemorySegment bytes, long capacityBytes) {
      try (Arena call = Arena.ofConfined()) {
        MemorySegment state = call.allocate(CALL_STATE);
        int result = (int) MUNMAP.invokeExact(state, bytes, capacityBytes);
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
