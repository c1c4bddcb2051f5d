package io.kveik.server.memory;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScratchCopyTest {

  private final byte[] bytes = new byte[50_000];

  ScratchCopyTest() {
    new Random(9).nextBytes(bytes);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "50000, 0",
    "0, 1",
    "49999, 1",
    "0, 16384",
    "3, 16385",
    "100, 32768",
    "0, 50000"
  })
  void writesExactlyThatPartFromEitherKindOfThread(int offset, int length) throws Exception {
    byte[] expected = Arrays.copyOfRange(bytes, offset, offset + length);
    AtomicReference<byte[]> written = new AtomicReference<>(bytes);
    try (Slab slab = Slab.anonymous(1 << 17);
        Lease lease = requireNonNull(slab.allocate(bytes.length))) {
      MemorySegment segment = lease.segment().copyFrom(MemorySegment.ofArray(bytes));
      written.set(write(segment, offset, length));
      assertThat(written.get()).isEqualTo(expected);
      written.set(new byte[] {1});
      Thread.ofVirtual().start(() -> written.set(write(segment, offset, length))).join();
      assertThat(written.get()).isEqualTo(expected);
    }
  }

  @Test
  void platformThreadUsesOneArrayAndSmallPieces() throws Exception {
    Set<byte[]> arrays = Collections.newSetFromMap(new IdentityHashMap<>());
    List<Integer> pieces = new ArrayList<>();
    OutputStream out =
        new OutputStream() {
          @Override
          public void write(int oneByte) {
            throw new AssertionError("byte by byte");
          }

          @Override
          public void write(byte[] array, int offset, int length) {
            arrays.add(array);
            pieces.add(length);
          }
        };
    Thread platform =
        Thread.ofPlatform()
            .start(() -> {
              try {
                ScratchCopy.writeTo(MemorySegment.ofArray(bytes), 0, bytes.length, out);
                ScratchCopy.writeTo(MemorySegment.ofArray(bytes), 0, 10, out);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    platform.join();
    assertThat(arrays).hasSize(1);
    assertThat(pieces).containsExactly(16_384, 16_384, 16_384, 848, 10);
  }

  @Test
  void partOutsideTheSegmentIsRefusedBeforeAnythingIsWritten() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThatThrownBy(
            () -> ScratchCopy.writeTo(MemorySegment.ofArray(bytes), 1, bytes.length, out))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThat(out.size()).isZero();
  }

  private static byte[] write(MemorySegment segment, long offset, long length) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      ScratchCopy.writeTo(segment, offset, length, out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
