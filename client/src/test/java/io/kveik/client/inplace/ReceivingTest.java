package io.kveik.client.inplace;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.kveik.wire.v1.PromptChunk;
import io.kveik.wire.v1.ReadResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whether a payload is copied where it arrives, and that it is the same copy either way. */
final class ReceivingTest {
  private static final byte[] SENT = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  private static final int CRC32C = Checksums.crc32c(MemorySegment.ofArray(SENT));

  @TempDir Path directory;

  private final InPlacePayload payload = payload();
  private final MemorySegment into = MemorySegment.ofArray(new byte[SENT.length + 1]);

  @Test
  void oneAloneIsCopiedWhereItArrives() {
    try (Receiving receiving = Receiving.begin()) {
      receiving.arrived(payload, into);
    }
    assertCopied(into);
    into.fill((byte) 0);
    assertThat(payload.copyAndChecksum(into)).isEqualTo(CRC32C);
    payload.copyTo(into);
    assertThat(into.toArray(ValueLayout.JAVA_BYTE)).as("a second copy").containsOnly(0);
  }

  @Test
  void elsewhereItIsCopiedAgain() {
    try (Receiving receiving = Receiving.begin()) {
      receiving.arrived(payload, into);
    }
    MemorySegment other = MemorySegment.ofArray(new byte[SENT.length]);
    payload.copyTo(other);
    assertCopied(other);
    other.fill((byte) 0);
    assertThat(payload.copyAndChecksum(other)).isEqualTo(CRC32C);
    assertCopied(other);
  }

  @Test
  void oneOfTwoIsNot() {
    try (Receiving one = Receiving.begin();
        Receiving _ = Receiving.begin()) {
      one.arrived(payload, into);
    }
    assertUntouchedThenCopied(into);
    try (Receiving alone = Receiving.begin()) {
      alone.arrived(payload, into.fill((byte) 0));
    }
    assertCopied(into);
  }

  @Test
  void memoryThatIsTooSmallIsLeftAlone() {
    MemorySegment small = into.asSlice(0, SENT.length - 1);
    try (Receiving receiving = Receiving.begin()) {
      receiving.arrived(payload, small);
    }
    assertThat(small.toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
  }

  @Test
  void memoryOfOneThreadIsLeftToIt() {
    try (Arena confined = Arena.ofConfined();
        Receiving receiving = Receiving.begin()) {
      MemorySegment own = confined.allocate(SENT.length);
      CompletableFuture.runAsync(() -> receiving.arrived(payload, own)).join();
      assertUntouchedThenCopied(own);
    }
  }

  /** The thread that brings payloads must not wait for a disk. */
  @Test
  void memoryOfAFileIsLeftToTheCaller() throws IOException {
    try (FileChannel file =
            FileChannel.open(
                directory.resolve("file"),
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        Arena arena = Arena.ofShared();
        Receiving receiving = Receiving.begin()) {
      MemorySegment mapped = file.map(FileChannel.MapMode.READ_WRITE, 0, SENT.length, arena);
      receiving.arrived(payload, mapped);
      assertUntouchedThenCopied(mapped);
    }
  }

  private void assertUntouchedThenCopied(MemorySegment segment) {
    assertThat(segment.toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
    assertThat(payload.copyAndChecksum(segment)).isEqualTo(CRC32C);
    assertCopied(segment);
  }

  private static void assertCopied(MemorySegment segment) {
    assertThat(segment.asSlice(0, SENT.length).toArray(ValueLayout.JAVA_BYTE)).isEqualTo(SENT);
  }

  private static InPlacePayload payload() {
    PayloadPath path =
        PayloadPath.of(ReadResponse.CHUNK_FIELD_NUMBER, PromptChunk.BUFFER_FIELD_NUMBER);
    ReadResponse message =
        ReadResponse.newBuilder()
            .setChunk(PromptChunk.newBuilder().setBuffer(ByteString.copyFrom(SENT)))
            .build();
    try {
      return InPlacePayload.parse(
          new ByteArrayInputStream(message.toByteArray()), path, ReadResponse.newBuilder());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
