package io.kveik.server.tier.s3;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Stands between a client and an HTTP/1.1 store, keeps the heads of requests, and flips one bit of
 * each body if told to. One request per connection.
 */
final class TamperingProxy implements AutoCloseable {
  /** No byte of any body. */
  static final int NOTHING = -1;

  private static final int HEAD_LIMIT_BYTES = 64 * 1024;

  private final URI store;
  private final int flippedByte;
  private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final List<String> heads = new CopyOnWriteArrayList<>();

  /**
   * Starts one.
   *
   * @param flippedByte of the body as it is sent, framing included; or {@link #NOTHING}
   */
  TamperingProxy(URI store, int flippedByte) throws IOException {
    this.store = store;
    this.flippedByte = flippedByte;
    Thread.ofVirtual().start(this::accept);
  }

  URI endpoint() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort());
  }

  /** Heads of the requests so far, in lower case, with the empty line that ends them. */
  List<String> heads() {
    return heads;
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        Thread.ofVirtual().start(() -> serve(client));
      } catch (IOException e) {
        // Closed, or a client that left before it was accepted.
      }
    }
  }

  private void serve(Socket client) {
    try (client;
        Socket server = new Socket(store.getHost(), store.getPort())) {
      InputStream in = new BufferedInputStream(client.getInputStream());
      String head = readHead(in);
      heads.add(head.toLowerCase(Locale.ROOT));
      byte[] body = in.readNBytes(bodyLength(head));
      if (flippedByte != NOTHING && flippedByte < body.length) {
        body[flippedByte] ^= 1;
      }
      server
          .getOutputStream()
          .write(
              head.replace("Connection: keep-alive", "Connection: close")
                  .getBytes(StandardCharsets.ISO_8859_1));
      server.getOutputStream().write(body);
      server.getInputStream().transferTo(client.getOutputStream());
    } catch (IOException e) {
      // Either side left; the client's outcome tells.
    }
  }

  private static String readHead(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (!endsWithEmptyLine(head)) {
      int read = in.read();
      if (read < 0 || head.length() == HEAD_LIMIT_BYTES) {
        throw new IOException("no whole head in " + head.length() + " bytes");
      }
      head.append((char) read);
    }
    return head.toString();
  }

  private static boolean endsWithEmptyLine(StringBuilder head) {
    int end = head.length();
    return end >= 4 && head.substring(end - 4).equals("\r\n\r\n");
  }

  private static int bodyLength(String head) {
    return head.lines()
        .map(line -> line.toLowerCase(Locale.ROOT))
        .filter(line -> line.startsWith("content-length:"))
        .mapToInt(line -> Integer.parseInt(line.substring(line.indexOf(':') + 1).trim()))
        .findFirst()
        .orElse(0);
  }
}
