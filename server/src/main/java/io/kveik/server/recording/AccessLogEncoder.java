package io.kveik.server.recording;

import io.kveik.server.block.Fingerprint;
import io.kveik.server.block.TurnEnd;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes the frames of one file after another. Most of a request was asked for before: what is
 * written of it is where it leaves what is known. O(log n) a request of n blocks, and O(1) for each
 * of its new blocks. Not thread-safe.
 *
 * @see AccessLogDescriptor
 */
final class AccessLogEncoder {
  private final ByteBuffer frame;
  private final ChainHash hash;
  private final BlockNumbers numbers = new BlockNumbers();
  private final Map<Fingerprint, Known> namespaces = new HashMap<>();
  private long lastMillis;
  private int requests;
  private int turnEnds;

  /** A namespace of this file. */
  private static final class Known {
    final int number;
    BlockShape shape = BlockShape.UNKNOWN;

    Known(int number) {
      this.number = number;
    }
  }

  /**
   * @param frameBytes most bytes of a frame, its header included
   */
  AccessLogEncoder(int frameBytes, KeyedHash.Key key) {
    this.frame = ByteBuffer.allocate(frameBytes);
    this.hash = new ChainHash(key);
    clearFrame();
  }

  /** Begins a file. */
  void begin(long startedAtMillis) {
    numbers.clear();
    namespaces.clear();
    lastMillis = startedAtMillis;
    clearFrame();
  }

  /** True when so long a chain fits an empty frame for sure. */
  boolean canHold(int blocks) {
    return bytesOf(blocks) <= frame.capacity() - AccessLogDescriptor.FRAME_HEADER_BYTES;
  }

  /**
   * Adds a request to the frame.
   *
   * @param blocks what stands for each; at least one
   * @return false when there is no room for it, and nothing has changed
   */
  boolean add(long wallMillis, Fingerprint namespace, BlockShape shape, long[] blocks) {
    int old = known(blocks);
    if (bytesOf(blocks.length - old) > frame.remaining()) {
      return false;
    }
    int number = describe(namespace, shape);
    frame.put(AccessLogDescriptor.REQUEST);
    AccessLogDescriptor.putZigzag(frame, wallMillis - lastMillis);
    AccessLogDescriptor.putVarint(frame, number);
    AccessLogDescriptor.putVarint(frame, old == 0 ? 0 : numbers.find(blocks[old - 1]) + 1L);
    AccessLogDescriptor.putVarint(frame, blocks.length - old);
    for (int i = old; i < blocks.length; i++) {
      frame.putLong(blocks[i]);
      numbers.add(blocks[i]);
    }
    lastMillis = wallMillis;
    requests++;
    return true;
  }

  /**
   * Adds why a turn ended, of what the file has of its chain.
   *
   * @return false when there is no room for it, and nothing has changed
   */
  boolean addTurnEnd(long[] blocks, TurnEnd end) {
    int known = known(blocks);
    if (known == 0) {
      return true;
    }
    if (AccessLogDescriptor.MAX_TURN_END_BYTES > frame.remaining()) {
      return false;
    }
    frame.put(AccessLogDescriptor.TURN_END).put(AccessLogDescriptor.code(end));
    AccessLogDescriptor.putVarint(frame, numbers.find(blocks[known - 1]));
    turnEnds++;
    return true;
  }

  /** Requests in the frame. */
  int requests() {
    return requests;
  }

  /** Whether the frame has nothing. */
  boolean isEmpty() {
    return requests + turnEnds == 0;
  }

  /** The frame, complete; good until the next call. */
  ByteBuffer seal() {
    AccessLogDescriptor.seal(frame);
    return frame;
  }

  /** Empties the frame; the file goes on. */
  void clearFrame() {
    frame.clear().position(AccessLogDescriptor.FRAME_HEADER_BYTES);
    requests = 0;
    turnEnds = 0;
  }

  private static long bytesOf(int blocks) {
    return AccessLogDescriptor.MAX_NAMESPACE_BYTES
        + AccessLogDescriptor.MAX_REQUEST_HEAD_BYTES
        + (long) Long.BYTES * blocks;
  }

  /** How many of the first blocks are in the file: with a block, all before it are. */
  private int known(long[] blocks) {
    int low = 0;
    int high = blocks.length;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (numbers.find(blocks[middle - 1]) == BlockNumbers.ABSENT) {
        high = middle - 1;
      } else {
        low = middle;
      }
    }
    return low;
  }

  /** The namespace's number, having written what the file lacks of it. */
  private int describe(Fingerprint namespace, BlockShape shape) {
    @Nullable Known known = namespaces.get(namespace);
    if (known == null) {
      known = new Known(namespaces.size());
      namespaces.put(namespace, known);
      frame.put(AccessLogDescriptor.NAMESPACE).putLong(hash.ofNamespace(namespace));
    }
    if (!shape.equals(known.shape)) {
      known.shape = shape;
      frame.put(AccessLogDescriptor.SHAPE);
      AccessLogDescriptor.putVarint(frame, known.number);
      AccessLogDescriptor.putVarint(frame, shape.tokens());
      AccessLogDescriptor.putVarint(frame, shape.bytes());
    }
    return known.number;
  }
}
