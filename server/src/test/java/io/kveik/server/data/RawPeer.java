package io.kveik.server.data;

import io.kveik.client.data.frame.BlockBody;
import io.kveik.client.data.frame.BlockRange;
import io.kveik.client.data.frame.Credit;
import io.kveik.client.data.frame.DataFrameDescriptor;
import io.kveik.client.data.frame.ErrorBody;
import io.kveik.client.data.frame.FrameHeader;
import io.kveik.client.data.frame.FrameReader;
import io.kveik.client.data.frame.FrameType;
import io.kveik.client.data.frame.FrameWriter;
import io.kveik.client.data.frame.Hello;
import io.kveik.client.data.frame.LoadBody;
import io.kveik.client.data.frame.MatchBody;
import io.kveik.client.data.frame.MatchedBody;
import io.kveik.client.data.frame.StoreBody;
import io.kveik.client.data.frame.Welcome;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.zip.CRC32C;

/** One connection to a data port that does as the test says, right or wrong. */
final class RawPeer implements AutoCloseable {
  private static final int MAX_BODY_BYTES = 1 << 20;
  private static final int SMALL_BUFFER_BYTES = 16 * 1024;

  /** A BLOCK as it came. */
  record Block(long requestId, BlockBody body, byte[] payload) {}

  private final SocketChannel socket;
  private final FrameReader reader;
  private final FrameWriter writer;

  private RawPeer(SocketChannel socket) {
    this.socket = socket;
    this.reader = new FrameReader(socket);
    this.writer = new FrameWriter(socket);
  }

  static RawPeer connect(int port) throws IOException {
    SocketChannel socket = SocketChannel.open();
    // Small, so that what this peer leaves unread is soon the server's worry.
    socket.setOption(StandardSocketOptions.SO_RCVBUF, SMALL_BUFFER_BYTES);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    return new RawPeer(socket);
  }

  Welcome greet(byte[] ticket, long credit) throws IOException {
    hello(ticket, credit);
    FrameHeader header = header();
    if (header.type() != FrameType.WELCOME) {
      throw new IOException("no WELCOME but " + header);
    }
    return Welcome.decode(reader.readBody(header, Welcome.BODY_BYTES));
  }

  void hello(byte[] ticket, long credit) throws IOException {
    new Hello(ticket, credit).encode(writer.body(Hello.BODY_BYTES));
    writer.send(FrameType.HELLO, 0);
  }

  void load(long requestId, long credit, List<byte[]> ids) throws IOException {
    List<BlockRange> ranges =
        ids.stream().map(id -> new BlockRange(id, 0, 0, Integer.MAX_VALUE)).toList();
    LoadBody.encode(
        0,
        credit,
        ranges,
        writer.body(LoadBody.FIXED_BYTES + ranges.size() * BlockRange.MAX_BYTES));
    writer.send(FrameType.LOAD, requestId);
  }

  void match(long requestId, long deadlineMillis, byte[] request) throws IOException {
    MatchBody body = new MatchBody(deadlineMillis, request);
    body.encode(writer.body(body.encodedBytes()));
    writer.send(FrameType.MATCH, requestId);
  }

  void store(long requestId, byte[] id, byte[] payload) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, payload);
      beginStore(id);
      writer.send(FrameType.STORE, requestId, bytes, crc(payload));
    }
  }

  /** A STORE of which only so many payload bytes are sent. */
  void storePart(long requestId, byte[] id, int claimed, int sent) throws IOException {
    StoreBody body =
        new StoreBody(id, new byte[0], 128, (byte) 0, (byte) 0, (byte) 0, 0, new byte[0]);
    ByteBuffer out =
        ByteBuffer.allocate(DataFrameDescriptor.HEADER_BYTES + body.encodedBytes() + sent);
    out.position(DataFrameDescriptor.HEADER_BYTES);
    body.encode(out);
    CRC32C crc = new CRC32C();
    crc.update(out.array(), DataFrameDescriptor.HEADER_BYTES, body.encodedBytes());
    DataFrameDescriptor.encode(
        new FrameHeader(
            FrameType.STORE, requestId, body.encodedBytes(), claimed, (int) crc.getValue(), 0),
        out.position(0));
    send(out.array());
  }

  private void beginStore(byte[] id) {
    StoreBody body =
        new StoreBody(id, new byte[0], 128, (byte) 0, (byte) 0, (byte) 0, 0, new byte[0]);
    body.encode(writer.body(body.encodedBytes()));
  }

  void credit(long bytes) throws IOException {
    new Credit(bytes).encode(writer.body(Credit.BODY_BYTES));
    writer.send(FrameType.CREDIT, 0);
  }

  void bare(FrameType type, long requestId) throws IOException {
    writer.bare(type, requestId);
  }

  /** A header that says what the test wants, and nothing after it. */
  void header(FrameType type, long requestId, int bodyBytes, int payloadBytes) throws IOException {
    ByteBuffer out = ByteBuffer.allocate(DataFrameDescriptor.HEADER_BYTES);
    DataFrameDescriptor.encode(
        new FrameHeader(type, requestId, bodyBytes, payloadBytes, 0, 0), out);
    send(out.array());
  }

  void send(byte[] bytes) throws IOException {
    ByteBuffer out = ByteBuffer.wrap(bytes);
    while (out.hasRemaining()) {
      socket.write(out);
    }
  }

  /** Blocks until a frame comes. */
  FrameHeader header() throws IOException {
    return reader.readHeader();
  }

  Block block() throws IOException {
    return block(header());
  }

  Block block(FrameHeader header) throws IOException {
    if (header.type() != FrameType.BLOCK) {
      throw new IOException("no BLOCK but " + header);
    }
    BlockBody body = BlockBody.decode(reader.readBody(header, MAX_BODY_BYTES));
    byte[] payload = new byte[header.payloadBytes()];
    reader.readPayload(MemorySegment.ofArray(payload));
    return new Block(header.requestId(), body, payload);
  }

  /** The MATCHED of that request. */
  MatchedBody matched(long requestId) throws IOException {
    FrameHeader header = header();
    if (header.type() != FrameType.MATCHED || header.requestId() != requestId) {
      throw new IOException("no MATCHED of " + requestId + " but " + header);
    }
    return MatchedBody.decode(reader.readBody(header, MAX_BODY_BYTES));
  }

  ErrorBody error() throws IOException {
    FrameHeader header = header();
    if (header.type() != FrameType.ERROR) {
      throw new IOException("no ERROR but " + header);
    }
    return ErrorBody.decode(reader.readBody(header, ErrorBody.MAX_BYTES));
  }

  byte[] body(FrameHeader header) throws IOException {
    return reader.readBody(header, MAX_BODY_BYTES);
  }

  /** Reads until the server has ended the connection, one way or the other. */
  boolean closedByServer() {
    try {
      ByteBuffer sink = ByteBuffer.allocate(64 * 1024);
      while (socket.read(sink.clear()) >= 0) {
        // What was under way.
      }
      return true;
    } catch (IOException e) {
      return socket.isOpen();
    }
  }

  static int crc(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
