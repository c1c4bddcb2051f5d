package io.kveik.server.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Where a slab's bytes come from: hands out one writable native segment that lives exactly as long
 * as the arena that it is given.
 *
 * <p>Called once per slab, by the thread that makes the slab. A source over a file descriptor
 * (memfd, tmpfs) maps it with {@code FileChannel.map(READ_WRITE, 0, capacityBytes, arena)}; the
 * slab keeps its tags among the bytes, so whoever else maps that file must map it for reading only.
 */
@FunctionalInterface
public interface SlabMemory {

  /**
   * Maps the bytes of one slab.
   *
   * @param arena the shared arena whose close unmaps the bytes
   * @param capacityBytes a length between the limits of {@link Slab}
   * @return a native, writable segment of at least {@code capacityBytes} bytes, aligned to 64
   *     bytes. Its content is arbitrary and is overwritten
   * @throws OutOfMemoryError if the system refuses
   */
  MemorySegment map(Arena arena, long capacityBytes);

  /**
   * Private anonymous memory. On Linux, pages become resident at their first use or by {@link
   * Slab#pretouch()}, and the length doesn't count against {@code -XX:MaxDirectMemorySize};
   * elsewhere the JDK's own allocation serves, which makes all pages resident at once and counts.
   */
  static SlabMemory anonymous() {
    return AnonymousMemory::map;
  }

  /**
   * Like {@link #anonymous()}, in huge pages of 2 MiB where the system has them: fewer waits for
   * page tables. Memory then becomes resident 2 MiB at a time. A hint; without them it is the same
   * memory in small pages.
   */
  static SlabMemory hugePages() {
    return AnonymousMemory::mapHuge;
  }
}
