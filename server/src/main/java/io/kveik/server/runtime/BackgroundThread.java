package io.kveik.server.runtime;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * A daemon thread that stands back behind the others, {@code sched_setattr(2)} through {@code
 * java.lang.foreign}: the JDK's own thread priorities do nothing on Linux unless the whole JVM is
 * told otherwise.
 *
 * <p>A nice value for its share, and the batch class: when such a thread wakes, from a disk write
 * say, it takes the processor from nobody. No short slice: to Linux since 6.6 that means a thread
 * that must not be kept waiting, and one of nice 10 was then preferred to the reads. Not the idle
 * class: such a thread gets nothing on a machine that is busy, and what is behind it would be
 * dropped. Linux on x86-64 and AArch64; elsewhere, and where a sandbox refuses it, the thread stays
 * as it is.
 */
final class BackgroundThread extends Thread {
  /** About a tenth of what a normal thread gets where both want a processor. */
  private static final int NICE = 10;

  private static final long UNKNOWN = -1;

  /** Not started yet. */
  BackgroundThread(String name, Runnable task) {
    super(task, name);
    setDaemon(true);
  }

  @Override
  public void run() {
    standBack();
    super.run();
  }

  /** For good: only a privileged thread could raise its priority again. */
  private static void standBack() {
    long number = callNumber();
    if (number != UNKNOWN) {
      SchedSetAttr.call(number);
    }
  }

  private static long callNumber() {
    if (!System.getProperty("os.name", "").equals("Linux")) {
      return UNKNOWN;
    }
    return switch (System.getProperty("os.arch", "")) {
      case "amd64" -> 314;
      case "aarch64" -> 274;
      default -> UNKNOWN;
    };
  }

  /**
   * The C library has no function for it. A class of its own so that other systems never link it.
   */
  private static final class SchedSetAttr {
    /** struct sched_attr, first version: size, policy, flags, nice, priority, runtime, ... */
    private static final int ATTRIBUTE_BYTES = 48;

    private static final int POLICY_OFFSET = 4;
    private static final int NICE_OFFSET = 16;
    private static final int SCHED_BATCH = 3;
    private static final int CALLER = 0;
    private static final int NO_FLAGS = 0;

    private static final MethodHandle SYSCALL =
        Linker.nativeLinker()
            .downcallHandle(
                Linker.nativeLinker().defaultLookup().findOrThrow("syscall"),
                FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT),
                Linker.Option.firstVariadicArg(1));

    static void call(long number) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment attributes = arena.allocate(ATTRIBUTE_BYTES, Long.BYTES);
        attributes.set(JAVA_INT, 0, ATTRIBUTE_BYTES);
        attributes.set(JAVA_INT, POLICY_OFFSET, SCHED_BATCH);
        attributes.set(JAVA_INT, NICE_OFFSET, NICE);
        long _ = (long) SYSCALL.invokeExact(number, CALLER, attributes, NO_FLAGS);
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new AssertionError("a downcall throws nothing of its own", e);
      }
    }
  }
}
