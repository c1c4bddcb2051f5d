package io.kveik.server.memory;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@EnabledOnOs(OS.LINUX)
class AnonymousMemoryTest {
  private static final long HUGE = AnonymousMemory.HUGE_PAGE_BYTES;
  private static final Path THP = Path.of("/sys/kernel/mm/transparent_hugepage/enabled");

  @ParameterizedTest
  @ValueSource(longs = {2 << 20, (2 << 20) + 1, (6 << 20) - 4096, 6 << 20, (33 << 20) + 64})
  void hugeMappingsAreAlignedAndOfTheirLengthAndGoWithTheArena(long bytes) throws IOException {
    long address;
    try (Arena arena = Arena.ofShared()) {
      MemorySegment memory = AnonymousMemory.mapHuge(arena, bytes);
      address = memory.address();
      assertThat(address % HUGE).isZero();
      assertThat(memory.byteSize()).isEqualTo(bytes);
      memory.fill((byte) 1);
      assertThat(memory.get(JAVA_BYTE, bytes - 1)).isEqualTo((byte) 1);
      assertThat(mapped(address)).isTrue();
      assertThat(mapped(address + bytes - 1)).isTrue();
    }
    assertThat(mapped(address)).isFalse();
    assertThat(mapped(address + bytes - 1)).isFalse();
  }

  @Test
  void theSystemGivesHugePagesWhereItHasThem() throws IOException {
    assumeThat(THP).exists();
    assumeThat(Files.readString(THP)).doesNotContain("[never]");
    long before = hugeBytes();
    try (Arena arena = Arena.ofShared()) {
      AnonymousMemory.mapHuge(arena, 32 * HUGE).fill((byte) 1);
      // Some, not all: memory may be too scattered for more, and other threads give some back.
      assertThat(hugeBytes()).isGreaterThan(before + 8 * HUGE);
    }
  }

  private static boolean mapped(long address) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
      List<String> range = List.of(line.substring(0, line.indexOf(' ')).split("-", 2));
      if (Long.compareUnsigned(address, Long.parseUnsignedLong(range.get(0), 16)) >= 0
          && Long.compareUnsigned(address, Long.parseUnsignedLong(range.get(1), 16)) < 0) {
        return true;
      }
    }
    return false;
  }

  private static long hugeBytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/smaps_rollup"))) {
      if (line.toLowerCase(Locale.ROOT).startsWith("anonhugepages:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
      }
    }
    throw new IOException("no AnonHugePages in smaps_rollup");
  }
}
