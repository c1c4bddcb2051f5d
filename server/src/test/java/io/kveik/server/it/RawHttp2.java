package io.kveik.server.it;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * An HTTP/2 client made by hand, which does what no library would: says anything at any time, and
 * reads only when told to. One thread.
 */
final class RawHttp2 implements AutoCloseable {
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int ACK = 1;
  static final int END_STREAM = 1;
  static final int END_HEADERS = 4;
  static final int MAX_FRAME_BYTES = 16_384;
  static final long REFUSED_STREAM = 7;
  static final long CANCEL = 8;

  private static final int TIMEOUT_MILLIS = 4_000;
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private final Socket socket;
  private final OutputStream out;
  private final DataInputStream in;
  private final DefaultHttp2HeadersDecoder headers = new DefaultHttp2HeadersDecoder();

  /** One frame from the server. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Frame(int type, int flags, int stream, byte[] payload) {}

  /**
   * How a stream ended.
   *
   * @param status the gRPC status code; -1 when the stream was reset or the connection ended
   * @param resetCode the code of RST_STREAM; -1 when there was none
   */
  record End(int status, String message, long resetCode) {}

  private RawHttp2(Socket socket) throws IOException {
    this.socket = socket;
    this.out = socket.getOutputStream();
    this.in = new DataInputStream(socket.getInputStream());
  }

  /** Connects and says nothing. */
  static RawHttp2 silent(int port) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    return new RawHttp2(socket);
  }

  /** Connects and says hello as HTTP/2 wants it. */
  static RawHttp2 open(int port) throws IOException {
    RawHttp2 connection = silent(port);
    connection.send(PREFACE);
    connection.frame(SETTINGS, 0, 0, new byte[0]);
    Frame frame;
    do {
      frame = connection.read();
    } while (frame != null && frame.type() != SETTINGS);
    // From here on the server's flow-control windows are in force.
    connection.frame(SETTINGS, ACK, 0, new byte[0]);
    return connection;
  }

  void send(byte[] bytes) throws IOException {
    out.write(bytes);
  }

  void frame(int type, int flags, int stream, byte[] payload) throws IOException {
    ByteBuffer frame = ByteBuffer.allocate(9 + payload.length);
    frame.putInt(payload.length << 8 | type).put((byte) flags).putInt(stream).put(payload);
    send(frame.array());
  }

  /** Begins a call. */
  void call(int stream, String method) throws IOException {
    ByteBuf block = Unpooled.buffer();
    literal(block, ":method", "POST");
    literal(block, ":scheme", "http");
    literal(block, ":path", "/kvstore.KVStoreService/" + method);
    literal(block, ":authority", "localhost");
    literal(block, "content-type", "application/grpc");
    literal(block, "te", "trailers");
    byte[] payload = new byte[block.readableBytes()];
    block.readBytes(payload);
    frame(HEADERS, END_HEADERS, stream, payload);
  }

  /** Sends a message of gRPC, in as many frames as it takes. */
  void message(int stream, byte[] message, boolean end) throws IOException {
    ByteBuffer whole = ByteBuffer.allocate(5 + message.length);
    whole.put((byte) 0).putInt(message.length).put(message).flip();
    data(stream, whole.array(), end);
  }

  void data(int stream, byte[] bytes, boolean end) throws IOException {
    ByteBuffer rest = ByteBuffer.wrap(bytes);
    do {
      byte[] part = new byte[Math.min(MAX_FRAME_BYTES, rest.remaining())];
      rest.get(part);
      frame(DATA, end && !rest.hasRemaining() ? END_STREAM : 0, stream, part);
    } while (rest.hasRemaining());
  }

  /** The next frame; null when the server has closed the connection. */
  Frame read() throws IOException {
    try {
      int head = in.readInt();
      int flags = in.readUnsignedByte();
      int stream = in.readInt();
      byte[] payload = new byte[head >>> 8];
      in.readFully(payload);
      return new Frame(head & 0xFF, flags, stream, payload);
    } catch (EOFException | SocketException e) {
      return null;
    }
  }

  /** Reads until the stream is over. */
  End end(int stream) throws IOException, Http2Exception {
    return endOf(stream);
  }

  /** Reads until any stream is over. */
  End nextEnd() throws IOException, Http2Exception {
    return endOf(0);
  }

  private End endOf(int stream) throws IOException, Http2Exception {
    Frame frame;
    while ((frame = read()) != null) {
      if (frame.type() == HEADERS) {
        Http2Headers decoded =
            headers.decodeHeaders(frame.stream(), Unpooled.wrappedBuffer(frame.payload()));
        if (matches(frame, stream) && decoded.contains("grpc-status")) {
          CharSequence message = decoded.get("grpc-message");
          return new End(
              Integer.parseInt(decoded.get("grpc-status").toString()),
              message == null ? "" : message.toString(),
              -1);
        }
      } else if (frame.type() == RST_STREAM && matches(frame, stream)) {
        return new End(-1, "", Integer.toUnsignedLong(ByteBuffer.wrap(frame.payload()).getInt()));
      }
    }
    return new End(-1, "the connection was closed", -1);
  }

  private static boolean matches(Frame frame, int stream) {
    return stream == 0 || frame.stream() == stream;
  }

  /** True once the server has closed the connection, false when it has not within the timeout. */
  boolean closedByServer() throws IOException {
    try {
      byte[] ignored = new byte[MAX_FRAME_BYTES];
      int count = 0;
      while (count >= 0) {
        count = in.read(ignored);
      }
      return true;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (SocketException e) {
      return true;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  /** HPACK: a literal field without indexing, nothing compressed. */
  private static void literal(ByteBuf block, String name, String value) {
    block.writeByte(0);
    block.writeByte(name.length()).writeCharSequence(name, StandardCharsets.US_ASCII);
    block.writeByte(value.length()).writeCharSequence(value, StandardCharsets.US_ASCII);
  }
}
