package io.kveik.server.recording;

import io.kveik.server.block.Fingerprint;
import io.kveik.server.block.TurnEnd;
import io.kveik.server.cache.AccessObserver;
import io.kveik.server.cache.Chain;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Pause;
import io.kveik.server.runtime.Randomness;
import io.kveik.server.runtime.Threads;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records lookups to a ring of files ({@link AccessLogDescriptor}). Callers put their chain into a
 * bounded queue, or it is dropped and counted; one thread hashes, encodes and writes.
 *
 * <p>A lookup stands for a request: its whole chain, of which it found a prefix, and the rest of
 * which its client is about to compute and to write. Writes and reads tell nothing more, except how
 * large blocks are; why a turn ended is recorded where a client tells it of a chain. v1's keys hang
 * on labels in the store and would end with the prefix that was found, so a block is what its
 * chain's tokens say, or its ids, not its key. All of it goes through a keyed hash whose secret is
 * made at the start and never leaves this object.
 *
 * <p>When the disk fails (it may be full), requests are dropped and counted until a new file can be
 * made. Any thread; close is called once, when nobody looks up any more.
 */
public final class AccessRecorder implements AccessObserver, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AccessRecorder.class);
  private static final long POLL_MILLIS = 20;
  private static final long FLUSH_MILLIS = 1_000;
  private static final long STOP_MILLIS = 10_000;
  private static final long NANOS_PER_MILLI = 1_000_000;

  /** What waits to be written; {@code blocks} of the chain, from the first on. */
  private sealed interface Seen {
    long wallMillis();

    Fingerprint namespace();

    Chain chain();

    int blocks();
  }

  private record Asked(long wallMillis, Fingerprint namespace, Chain chain) implements Seen {
    @Override
    public int blocks() {
      return chain.blocks();
    }
  }

  private record Ended(long wallMillis, Fingerprint namespace, Chain chain, int blocks, TurnEnd end)
      implements Seen {}

  private final RecordingOptions options;
  private final Clock clock;
  private final Pause pause;
  private final KeyedHash.Key key;
  private final BlockShapes shapes;
  private final ConcurrentLinkedQueue<Seen> queue = new ConcurrentLinkedQueue<>();
  private final AtomicLong waitingBlocks = new AtomicLong();
  private final LongAdder dropped = new LongAdder();
  private final Thread thread;
  private volatile boolean closing;

  // Written by the recorder's thread only.
  private final RecordingRing ring;
  private final AccessLogEncoder encoder;
  private final ChainHash hash;
  private long frameSinceNanos;
  private long pausedSinceNanos;
  private volatile boolean paused;
  private final LongAdder requests = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private volatile long fileBytes;

  AccessRecorder(RecordingOptions options, RecordingRing ring, Clock clock, Pause pause) {
    this.options = options;
    this.ring = ring;
    this.clock = clock;
    this.pause = pause;
    ByteBuffer secret = ByteBuffer.wrap(Randomness.secureBytes(2 * Long.BYTES));
    this.key = new KeyedHash.Key(secret.getLong(), secret.getLong());
    this.shapes = new BlockShapes(options.namespaces());
    this.encoder = new AccessLogEncoder(options.frameBytes(), key);
    this.hash = new ChainHash(key);
    this.fileBytes = ring.bytes();
    this.thread = Threads.start("recorder", this::run);
  }

  /**
   * Starts recording.
   *
   * @throws IOException when the directory can't be made or read
   */
  public static AccessRecorder open(RecordingOptions options, Clock clock) throws IOException {
    long recording = ByteBuffer.wrap(Randomness.secureBytes(Long.BYTES)).getLong();
    RecordingRing ring = RecordingRing.open(options, recording, RecordingRing.Creator.system());
    return new AccessRecorder(options, ring, clock, Pause.system());
  }

  @Override
  public void lookedUp(Fingerprint namespace, Chain chain) {
    queue(new Asked(clock.wallMillis(), namespace, chain));
  }

  @Override
  public void turnEnded(Fingerprint namespace, Chain chain, int blocks, TurnEnd end) {
    queue(new Ended(clock.wallMillis(), namespace, chain, blocks, end));
  }

  @Override
  public void offered(Fingerprint namespace, int tokenCount, int bodyBytes) {
    shapes.seen(namespace, tokenCount, bodyBytes);
  }

  public RecordingStatus status() {
    return new RecordingStatus(
        requests.sum(), dropped.sum(), failures.sum(), paused, fileBytes, waitingBlocks.get());
  }

  /** Writes what is queued, for up to ten seconds. */
  @Override
  public void close() {
    // Not interrupted: that would close the file under a write.
    closing = true;
    try {
      thread.join(STOP_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void queue(Seen seen) {
    int blocks = seen.blocks();
    if (blocks == 0 || !sampled(seen.namespace(), seen.chain())) {
      return;
    }
    if (waitingBlocks.addAndGet(blocks) > options.queueBlocks()) {
      waitingBlocks.addAndGet(-blocks);
      dropped.increment();
      return;
    }
    queue.add(seen);
  }

  /** Decided by the first block, so that all requests that share it share their lot. */
  private boolean sampled(Fingerprint namespace, Chain chain) {
    if (options.sampleOneIn() == 1) {
      return true;
    }
    ChainHash root = new ChainHash(key);
    long first = root.ofBlock(root.ofNamespace(namespace), chain, 0);
    return Long.remainderUnsigned(first, options.sampleOneIn()) == 0;
  }

  private void run() {
    while (!closing) {
      drain();
      if (!encoder.isEmpty() && since(frameSinceNanos) >= FLUSH_MILLIS) {
        flush();
      }
      pause.millis(POLL_MILLIS);
    }
    drain();
    flush();
    try {
      ring.close();
    } catch (IOException e) {
      failed(e);
    }
  }

  private void drain() {
    for (Seen seen = queue.poll(); seen != null; seen = queue.poll()) {
      record(seen);
      waitingBlocks.addAndGet(-seen.blocks());
    }
  }

  private void record(Seen seen) {
    if (!encoder.canHold(seen.blocks()) || !fileIsOpen(seen.wallMillis())) {
      dropped.increment();
      return;
    }
    long[] blocks = hash.ofChain(seen.namespace(), seen.chain(), seen.blocks());
    if (!add(seen, blocks)) {
      flush();
      if (!fileIsOpen(seen.wallMillis()) || !add(seen, blocks)) {
        dropped.increment();
      }
    }
  }

  private boolean add(Seen seen, long[] blocks) {
    if (encoder.isEmpty()) {
      frameSinceNanos = clock.nanoTime();
    }
    return switch (seen) {
      case Asked asked ->
          encoder.add(asked.wallMillis, asked.namespace, shapes.of(asked.namespace), blocks);
      case Ended ended -> encoder.addTurnEnd(blocks, ended.end);
    };
  }

  /** True when the frame at hand has a file to go to; begins one where it must and may. */
  private boolean fileIsOpen(long wallMillis) {
    if (paused && since(pausedSinceNanos) < options.retryMillis()) {
      return false;
    }
    if (!encoder.isEmpty() || !ring.full()) {
      return true;
    }
    try {
      ring.next(wallMillis);
      encoder.begin(wallMillis);
      fileBytes = ring.bytes();
      if (paused) {
        LOG.info("{}: recording again", options.directory());
        paused = false;
      }
      return true;
    } catch (IOException e) {
      failed(e);
      return false;
    }
  }

  private void flush() {
    if (encoder.isEmpty()) {
      return;
    }
    int count = encoder.requests();
    try {
      ring.append(encoder.seal());
      requests.add(count);
    } catch (IOException e) {
      dropped.add(count);
      failed(e);
    }
    fileBytes = ring.bytes();
    encoder.clearFrame();
  }

  private void failed(IOException e) {
    failures.increment();
    pausedSinceNanos = clock.nanoTime();
    if (!paused) {
      paused = true;
      LOG.error("{}: not recording for now: {}", options.directory(), e.toString());
    }
  }

  private long since(long nanos) {
    return (clock.nanoTime() - nanos) / NANOS_PER_MILLI;
  }
}
