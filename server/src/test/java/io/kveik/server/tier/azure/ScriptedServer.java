package io.kveik.server.tier.azure;

import io.kveik.server.tier.object.BlobContainer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ServerSocketFactory;
import javax.net.ssl.SSLSocket;

/** An HTTP server that answers every request in the same, usually wrong, way. */
final class ScriptedServer implements AutoCloseable {
  /** What it does once it has read a request's head. */
  @FunctionalInterface
  interface Script {
    void answer(long bodyBytes, InputStream in, OutputStream out) throws Exception;
  }

  private final ServerSocket listener;
  private final String scheme;
  private final Script script;
  private final AtomicInteger requests = new AtomicInteger();
  private final Set<Long> sessions = ConcurrentHashMap.newKeySet();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  ScriptedServer(Script script) throws IOException {
    this(ServerSocketFactory.getDefault(), "http", script);
  }

  ScriptedServer(ServerSocketFactory sockets, String scheme, Script script) throws IOException {
    this.listener = sockets.createServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
    this.scheme = scheme;
    this.script = script;
    Thread.ofPlatform().daemon().name("scripted-server").start(this::accept);
  }

  /** Reads the request and answers with that status, those headers and that body. */
  static ScriptedServer answering(int status, String headers, String body) throws IOException {
    return new ScriptedServer(answer(status, headers, body));
  }

  static Script answer(int status, String headers, String body) {
    return (bodyBytes, in, out) -> {
      in.skipNBytes(bodyBytes);
      String head =
          "HTTP/1.1 %d X\r\nContent-Length: %d\r\n%s\r\n".formatted(status, body.length(), headers);
      out.write((head + body).getBytes(StandardCharsets.ISO_8859_1));
      out.flush();
    };
  }

  BlobContainer container() {
    URI endpoint = URI.create(scheme + "://127.0.0.1:" + listener.getLocalPort() + "/account");
    return new BlobContainer("account", endpoint, "container");
  }

  int requests() {
    return requests.get();
  }

  /** TLS sessions that were made afresh: a resumed one keeps the time of its creation. */
  int freshSessions() {
    return sessions.size();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listener.accept();
        open.add(socket);
        Thread.ofVirtual().start(() -> serve(socket));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      InputStream in = socket.getInputStream();
      for (String head = head(in); !head.isEmpty(); head = head(in)) {
        requests.incrementAndGet();
        if (socket instanceof SSLSocket tls) {
          sessions.add(tls.getSession().getCreationTime());
        }
        script.answer(length(head), in, socket.getOutputStream());
      }
    } catch (Exception e) {
      // The client or the script has ended the connection.
    }
  }

  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        return "";
      }
      head.append((char) next);
    }
    return head.toString().toLowerCase(Locale.ROOT);
  }

  private static long length(String head) {
    return head.lines()
        .filter(line -> line.startsWith("content-length:"))
        .mapToLong(line -> Long.parseLong(line.substring(line.indexOf(':') + 1).strip()))
        .findFirst()
        .orElse(0);
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : open) {
      socket.close();
    }
  }
}
