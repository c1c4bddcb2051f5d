package io.kveik.bench.load;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.bench.block.PayloadKind;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WorkingSetTest {
  private static final int BLOCK_BYTES = 3 * 4_096 + 40;

  @ParameterizedTest
  @EnumSource(PayloadKind.class)
  void samplesShowAnyOtherBlockAndWhatIsCut(PayloadKind kind) {
    showsChangesOf(kind, Verification.SAMPLE, 0, 4_096, 3 * 4_096, BLOCK_BYTES - 1);
  }

  @ParameterizedTest
  @EnumSource(PayloadKind.class)
  void endsShowAnyOtherBlockAndWhatIsCut(PayloadKind kind) {
    showsChangesOf(kind, Verification.ENDS, 0, BLOCK_BYTES - 1);
  }

  private static void showsChangesOf(PayloadKind kind, Verification verification, long... bytes) {
    WorkingSet blocks = new WorkingSet(workload(kind, verification));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment payload = arena.allocate(BLOCK_BYTES);
      kind.fill(2, payload);
      assertThat(blocks.isRight(2, payload)).isTrue();
      assertThat(blocks.isRight(3, payload)).isFalse();
      for (long at : bytes) {
        kind.fill(2, payload);
        payload.set(JAVA_BYTE, at, (byte) ~payload.get(JAVA_BYTE, at));
        assertThat(blocks.isRight(2, payload)).as("byte %d", at).isFalse();
      }
      payload.fill((byte) 0);
      assertThat(blocks.isRight(2, payload)).isFalse();
    }
  }

  @Test
  void fullVerificationShowsEveryByte() throws IOException {
    WorkingSet blocks = new WorkingSet(workload(PayloadKind.RANDOM, Verification.FULL));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment payload = arena.allocate(BLOCK_BYTES);
      blocks.locate(0, new FakeStore(0, 0, 0).connect(), payload);
      for (int at = 0; at < BLOCK_BYTES; at += 37) {
        PayloadKind.RANDOM.fill(1, payload);
        assertThat(blocks.isRight(1, payload)).isTrue();
        payload.set(JAVA_BYTE, at, (byte) ~payload.get(JAVA_BYTE, at));
        assertThat(blocks.isRight(1, payload)).as("byte %d", at).isFalse();
      }
    }
  }

  private static Workload workload(PayloadKind kind, Verification verification) {
    return new Workload(Mix.READ, false, BLOCK_BYTES, 4, 4, kind, verification, 0);
  }
}
