package io.kveik.server.recording;

import io.kveik.server.block.TurnEnd;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads one file of a recording, request by request. What a crash left at its end is passed over;
 * damage before that is an error. Trusts nothing: lengths are checked before anything is allocated.
 * 16 bytes for each different block of the file, and one frame. Not thread-safe.
 *
 * @see AccessLogDescriptor
 */
public final class AccessLogReader implements AutoCloseable {
  /** The most blocks that one request may have. */
  public static final int MAX_BLOCKS = 1_000_000;

  private static final int BUFFER_BYTES = 64 << 10;

  private final Path file;
  private final InputStream in;
  private final @Nullable AccessLogHeader header;
  private final List<Named> namespaces = new ArrayList<>();
  private long[] hashes = new long[1 << 10];
  private int[] depths = new int[1 << 10];
  private int[] parents = new int[1 << 10];
  private int size;
  private long offset;
  private long frameOffset;
  private long millis;
  private ByteBuffer body = ByteBuffer.allocate(0);
  private boolean torn;

  /** A namespace of this file. */
  private static final class Named {
    final long hash;
    int tokens;
    int bytes;

    Named(long hash) {
      this.hash = hash;
    }
  }

  private AccessLogReader(Path file, InputStream in) throws IOException {
    this.file = file;
    this.in = in;
    byte[] start = in.readNBytes(AccessLogDescriptor.HEADER_BYTES);
    offset = start.length;
    if (start.length < AccessLogDescriptor.HEADER_BYTES) {
      torn = true;
      header = null;
      return;
    }
    Optional<AccessLogHeader> decoded = AccessLogDescriptor.decodeHeader(ByteBuffer.wrap(start));
    if (decoded.isEmpty()) {
      throw new AccessLogException(
          file,
          0,
          "no header of a recording of version %d, or a damaged one"
              .formatted(AccessLogDescriptor.VERSION));
    }
    header = decoded.get();
    millis = header.startedAtMillis();
  }

  /**
   * Opens a file.
   *
   * @throws AccessLogException when it is not of a recording
   */
  public static AccessLogReader open(Path file) throws IOException {
    InputStream in = new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES);
    boolean opened = false;
    try {
      AccessLogReader reader = new AccessLogReader(file, in);
      opened = true;
      return reader;
    } finally {
      if (!opened) {
        in.close();
      }
    }
  }

  /** What the file says of itself; empty when a crash left less than that. */
  public Optional<AccessLogHeader> header() {
    return Optional.ofNullable(header);
  }

  /** True when the last frame, found by then, is what a crash left of it. */
  public boolean torn() {
    return torn;
  }

  /**
   * What comes next, or null after the last.
   *
   * @throws AccessLogException when the file is damaged there
   */
  public @Nullable RecordedEvent next() throws IOException {
    while (body.hasRemaining() || nextFrame()) {
      try {
        byte kind = body.get();
        switch (kind) {
          case AccessLogDescriptor.NAMESPACE -> namespaces.add(new Named(body.getLong()));
          case AccessLogDescriptor.SHAPE -> shape();
          case AccessLogDescriptor.REQUEST -> {
            return request();
          }
          case AccessLogDescriptor.TURN_END -> {
            return turnEnd();
          }
          default -> throw damaged("an entry of kind %d, not 1 to 4".formatted(kind));
        }
      } catch (BufferUnderflowException | IllegalArgumentException e) {
        throw damaged("an entry that its frame cuts off");
      }
    }
    return null;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  /** False at the end, which a torn frame is, too. */
  private boolean nextFrame() throws IOException {
    if (torn) {
      return false;
    }
    frameOffset = offset;
    byte[] head = in.readNBytes(AccessLogDescriptor.FRAME_HEADER_BYTES);
    if (head.length < AccessLogDescriptor.FRAME_HEADER_BYTES) {
      torn = head.length > 0;
      return false;
    }
    ByteBuffer fields = ByteBuffer.wrap(head);
    int length = fields.getInt();
    int crc = fields.getInt();
    if (length < 1 || length > AccessLogDescriptor.MAX_BODY_BYTES) {
      throw damaged(
          "a frame of %d bytes, not 1 to %d".formatted(length, AccessLogDescriptor.MAX_BODY_BYTES));
    }
    byte[] bytes = in.readNBytes(length);
    offset += head.length + bytes.length;
    if (bytes.length < length) {
      torn = true;
      return false;
    }
    if (AccessLogDescriptor.crc(ByteBuffer.wrap(bytes)) != crc) {
      if (in.read() < 0) {
        torn = true;
        return false;
      }
      throw damaged("a frame that fails its checksum");
    }
    body = ByteBuffer.wrap(bytes);
    return true;
  }

  private void shape() throws AccessLogException {
    Named namespace = namespace();
    namespace.tokens = number("tokens", Integer.MAX_VALUE);
    namespace.bytes = number("body bytes", Integer.MAX_VALUE);
  }

  private RecordedRequest request() throws AccessLogException {
    millis += AccessLogDescriptor.getZigzag(body);
    Named namespace = namespace();
    int last = number("base", size) - 1;
    int fresh = number("new blocks", body.remaining() / Long.BYTES);
    int depth = (last < 0 ? 0 : depths[last]) + fresh;
    if (depth > MAX_BLOCKS) {
      throw damaged("a request of %d blocks, at most %d".formatted(depth, MAX_BLOCKS));
    }
    for (int i = 0; i < fresh; i++) {
      last = add(body.getLong(), last);
    }
    return new RecordedRequest(
        millis, namespace.hash, namespace.tokens, namespace.bytes, chain(last));
  }

  private RecordedTurnEnd turnEnd() throws AccessLogException {
    TurnEnd end = AccessLogDescriptor.turnEnd(body.get());
    return new RecordedTurnEnd(end, chain(number("block", size - 1)));
  }

  /** What stands for the blocks up to and including one of the file, or of none. */
  private long[] chain(int last) {
    long[] blocks = new long[last < 0 ? 0 : depths[last]];
    int block = last;
    for (int i = blocks.length - 1; i >= 0; i--) {
      blocks[i] = hashes[block];
      block = parents[block];
    }
    return blocks;
  }

  private int add(long hash, int parent) {
    if (size == hashes.length) {
      hashes = Arrays.copyOf(hashes, 2 * size);
      parents = Arrays.copyOf(parents, 2 * size);
      depths = Arrays.copyOf(depths, 2 * size);
    }
    hashes[size] = hash;
    parents[size] = parent;
    depths[size] = parent < 0 ? 1 : depths[parent] + 1;
    return size++;
  }

  private Named namespace() throws AccessLogException {
    return namespaces.get(number("namespace", namespaces.size() - 1));
  }

  private int number(String field, int most) throws AccessLogException {
    long value = AccessLogDescriptor.getVarint(body);
    if (value < 0 || value > most) {
      throw damaged("%s is %s, at most %d".formatted(field, Long.toUnsignedString(value), most));
    }
    return (int) value;
  }

  private AccessLogException damaged(String what) {
    return new AccessLogException(file, frameOffset, "damaged: " + what);
  }
}
