package io.kveik.server.recording;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.awaitility.Awaitility.await;

import io.kveik.server.block.Fingerprint;
import io.kveik.server.block.TurnEnd;
import io.kveik.server.cache.Chain;
import io.kveik.server.cache.TokenChain;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Pause;
import io.kveik.server.tier.TestBlocks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class AccessRecorderTest {
  @TempDir Path directory;

  private final long seed = TestBlocks.seed("AccessRecorderTest");
  private final SplittableRandom random = new SplittableRandom(seed);

  private RecordingOptions options(int sampleOneIn, int queueBlocks) {
    return new RecordingOptions(
        directory, sampleOneIn, RecordingOptions.MIN_BYTES, queueBlocks, 100, 1);
  }

  private static long bytesIn(Path directory) throws IOException {
    long bytes = 0;
    for (Path file : RecordingFiles.in(directory)) {
      bytes += Files.size(file);
    }
    return bytes;
  }

  @Test
  void recordsWhatIsAskedInOrder() throws IOException {
    List<long[]> requests = Recordings.random(random, 2_000);
    try (AccessRecorder recorder = AccessRecorder.open(options(1, 1 << 20), Clock.system())) {
      recorder.offered(Recordings.NAMESPACE, 16, 4_096);
      recorder.offered(Recordings.NAMESPACE, 5, 1_280);
      for (long[] request : requests) {
        recorder.lookedUp(Recordings.NAMESPACE, Recordings.chain(request));
      }
    }
    List<RecordedRequest> read = Recordings.readAll(directory);
    assertThat(Recordings.shapeOf(read)).as("seed %d", seed).isEqualTo(Recordings.shape(requests));
    assertThat(read).allMatch(one -> one.blockTokens() == 16 && one.blockBytes() == 4_096);
  }

  @Test
  void endsOfTurnsComeBetweenTheRequestsAsTheyWereTold() throws IOException {
    Chain first = Recordings.chain(1, 2, 3);
    Chain second = Recordings.chain(1, 5);
    try (AccessRecorder recorder = AccessRecorder.open(options(1, 1_000), Clock.system())) {
      recorder.lookedUp(Recordings.NAMESPACE, first);
      recorder.lookedUp(Recordings.NAMESPACE, second);
      recorder.turnEnded(Recordings.NAMESPACE, first, 2, TurnEnd.TOOL_USE);
      recorder.lookedUp(Recordings.NAMESPACE, first);
      recorder.turnEnded(Recordings.NAMESPACE, second, 2, TurnEnd.END_TURN);
    }
    List<RecordedEvent> read = Recordings.readEvents(directory);
    assertThat(read).hasSize(5);
    long[] chain = ((RecordedRequest) read.get(0)).blocks();
    assertThat(read.get(2))
        .usingRecursiveComparison()
        .isEqualTo(new RecordedTurnEnd(TurnEnd.TOOL_USE, Arrays.copyOf(chain, 2)));
    assertThat(((RecordedRequest) read.get(3)).blocks()).isEqualTo(chain);
    assertThat(((RecordedTurnEnd) read.get(4)).end()).isEqualTo(TurnEnd.END_TURN);
  }

  /** The end comes while the writer is at it. */
  @Test
  void closingWritesAllThatIsQueued() throws IOException {
    RecordingOptions large = new RecordingOptions(directory, 1, 1 << 28, 1 << 30, 100, 1_000);
    AccessRecorder recorder = AccessRecorder.open(large, Clock.system());
    for (int i = 0; i < 5_000; i++) {
      recorder.lookedUp(
          Recordings.NAMESPACE, Recordings.chain(random.longs(200, 0, 1L << 60).toArray()));
    }
    recorder.close();
    assertThat(recorder.status().dropped()).isZero();
    assertThat(Recordings.readAll(directory)).hasSize(5_000);
  }

  @Test
  void namespacesAreTold() throws IOException {
    Fingerprint other = new Fingerprint(1, 2, 3, 5);
    try (AccessRecorder recorder = AccessRecorder.open(options(1, 1_000), Clock.system())) {
      recorder.lookedUp(Recordings.NAMESPACE, Recordings.chain(1, 2));
      recorder.lookedUp(other, Recordings.chain(1, 2));
    }
    List<RecordedRequest> read = Recordings.readAll(directory);
    assertThat(read.get(0).namespace()).isNotEqualTo(read.get(1).namespace());
    assertThat(read.get(0).blocks()[1]).isNotEqualTo(read.get(1).blocks()[1]);
  }

  @Test
  void anotherServerHashesOtherwiseAndNoTokensAreInTheFiles() throws Exception {
    byte[] text = "the secret prompt of someone else".getBytes(StandardCharsets.UTF_8);
    for (int start = 0; start < 2; start++) {
      try (AccessRecorder recorder = AccessRecorder.open(options(1, 1_000), Clock.system())) {
        recorder.lookedUp(
            Recordings.NAMESPACE,
            new TokenChain(
                (_, _) -> fail("a recording needs no keys"), i -> text[i % text.length], 256));
      }
    }
    List<RecordedRequest> read = Recordings.readAll(directory);
    assertThat(read).hasSize(2).allMatch(one -> one.blocks().length == 2);
    assertThat(read.get(0).blocks()[0]).isNotEqualTo(read.get(1).blocks()[0]);
    for (Path file : RecordingFiles.in(directory)) {
      assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
          .doesNotContain("secret");
    }
  }

  @Test
  void aSampleHasAllRequestsOfAChainOrNone() throws IOException {
    try (AccessRecorder recorder = AccessRecorder.open(options(4, 1 << 20), Clock.system())) {
      for (int i = 0; i < 3_000; i++) {
        recorder.lookedUp(Recordings.NAMESPACE, Recordings.chain(i % 1_000, 5_000 + i));
      }
    }
    List<RecordedRequest> read = Recordings.readAll(directory);
    Set<Long> roots = read.stream().map(one -> one.blocks()[0]).collect(Collectors.toSet());
    assertThat(read).hasSize(3 * roots.size());
    assertThat(roots.size()).isBetween(180, 320);
  }

  @Test
  void whatFindsNoRoomInTheQueueIsDroppedAndCounted() throws IOException {
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    Pause pause =
        _ -> {
          held.countDown();
          try {
            release.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        };
    RecordingOptions options = options(1, 100);
    RecordingRing ring = RecordingRing.open(options, 1, RecordingRing.Creator.system());
    AccessRecorder recorder = new AccessRecorder(options, ring, Clock.system(), pause);
    await().until(() -> held.getCount() == 0);
    for (int i = 0; i < 30; i++) {
      recorder.lookedUp(
          Recordings.NAMESPACE, Recordings.chain(random.longs(10, 0, 1L << 60).toArray()));
    }
    assertThat(recorder.status().dropped()).isEqualTo(20);
    assertThat(recorder.status().waitingBlocks()).isEqualTo(100);
    release.countDown();
    recorder.close();
    assertThat(recorder.status().requests()).isEqualTo(10);
    assertThat(recorder.status().waitingBlocks()).isZero();
    assertThat(Recordings.readAll(directory)).hasSize(10);
  }

  @Test
  void aRequestLargerThanAFrameIsDroppedAndCounted() throws IOException {
    try (AccessRecorder recorder = AccessRecorder.open(options(1, 1 << 20), Clock.system())) {
      recorder.lookedUp(
          Recordings.NAMESPACE, Recordings.chain(random.longs(100_000, 0, 1L << 60).toArray()));
      await().until(() -> recorder.status().dropped() == 1);
    }
  }

  @Test
  void diskIsBoundedAndTheOldestGoes() throws IOException {
    int batches = 60;
    for (int start = 0; start < 2; start++) {
      try (AccessRecorder recorder = AccessRecorder.open(options(1, 1 << 20), Clock.system())) {
        for (int i = 0; i < batches; i++) {
          for (int k = 0; k < 10; k++) {
            recorder.lookedUp(
                Recordings.NAMESPACE, Recordings.chain(random.longs(500, 0, 1L << 60).toArray()));
          }
          await().until(() -> recorder.status().waitingBlocks() == 0);
          assertThat(bytesIn(directory)).isLessThanOrEqualTo(RecordingOptions.MIN_BYTES);
        }
        long told = recorder.status().fileBytes();
        assertThat(told).isLessThanOrEqualTo(RecordingOptions.MIN_BYTES);
      }
      assertThat(bytesIn(directory))
          .isBetween(RecordingOptions.MIN_BYTES * 3 / 4, RecordingOptions.MIN_BYTES);
      List<RecordedRequest> read = Recordings.readAll(directory);
      assertThat(read.size()).isBetween(150, 10 * batches - 1);
    }
  }

  @Test
  void aFullDiskPausesTheRecordingUntilThereIsRoom() throws IOException {
    AtomicBoolean full = new AtomicBoolean();
    RecordingRing.Creator creator =
        file -> {
          WritableByteChannel real = RecordingRing.Creator.system().create(file);
          return new WritableByteChannel() {
            @Override
            public int write(ByteBuffer bytes) throws IOException {
              if (!full.get()) {
                return real.write(bytes);
              }
              // As of a disk that fills up in the middle.
              ByteBuffer half = bytes.slice(bytes.position(), bytes.remaining() / 2);
              bytes.position(bytes.position() + real.write(half));
              throw new IOException("No space left on device");
            }

            @Override
            public boolean isOpen() {
              return real.isOpen();
            }

            @Override
            public void close() throws IOException {
              real.close();
            }
          };
        };
    RecordingOptions options = options(1, 1 << 20);
    RecordingRing ring = RecordingRing.open(options, 1, creator);
    long whole;
    try (AccessRecorder recorder =
        new AccessRecorder(options, ring, Clock.system(), Pause.system())) {
      recorder.lookedUp(Recordings.NAMESPACE, Recordings.chain(1, 2, 3));
      await().until(() -> recorder.status().requests() == 1);
      full.set(true);
      await()
          .until(() -> {
            recorder.lookedUp(Recordings.NAMESPACE, Recordings.chain(1, 2, 4));
            return recorder.status().writeFailures() > 2;
          });
      assertThat(recorder.status().paused()).isTrue();
      assertThat(recorder.status().dropped()).isPositive();
      full.set(false);
      await()
          .until(() -> {
            recorder.lookedUp(Recordings.NAMESPACE, Recordings.chain(1, 2, 5));
            return recorder.status().requests() > 1;
          });
      assertThat(recorder.status().paused()).isFalse();
      whole = recorder.status().requests();
    }
    List<RecordedRequest> read = Recordings.readAll(directory);
    assertThat((long) read.size()).isGreaterThanOrEqualTo(whole);
    long root = read.getFirst().blocks()[0];
    assertThat(read).allMatch(one -> one.blocks().length == 3 && one.blocks()[0] == root);
  }
}
