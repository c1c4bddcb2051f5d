package io.kveik.server.reliability;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An HTTP/1.1 proxy in front of a store that breaks a share of the requests, drawn from a seed: it
 * answers for the store that it is overloaded, cuts the connection anywhere in the exchange, ends a
 * body early, or says nothing for longer than anyone waits.
 *
 * <p>One request per connection: each answer is passed on with {@code Connection: close}.
 */
public final class FaultProxy implements AutoCloseable {
  /** What becomes of a request. */
  enum Fate {
    PASSED,
    /** 503 without advice. */
    BUSY,
    /** 503 with Retry-After: 1. */
    BUSY_RETRY_AFTER,
    /** A reset before the store has heard of it. */
    RESET_BEFORE,
    /** A reset at some byte of the answer, after the store has done its part. */
    RESET_WITHIN,
    /** The answer ends early, in good order. */
    TRUNCATED,
    STALLED
  }

  private static final Fate[] FAULTS = {
    Fate.BUSY,
    Fate.BUSY,
    Fate.BUSY_RETRY_AFTER,
    Fate.RESET_BEFORE,
    Fate.RESET_WITHIN,
    Fate.RESET_WITHIN,
    Fate.TRUNCATED,
    Fate.STALLED
  };
  private static final int STALL_MILLIS = 1_500;
  private static final int HEAD_LIMIT = 64 * 1024;
  private static final int CUT_RANGE = 40_000;

  private final ServerSocket listener;
  private final InetSocketAddress store;
  private final SplittableRandom random;
  private final Map<Fate, AtomicInteger> fates = new ConcurrentSkipListMap<>();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile int faultPercent;
  private volatile boolean closed;

  private FaultProxy(URI store, long seed) throws IOException {
    this.store = new InetSocketAddress(store.getHost(), store.getPort());
    this.random = new SplittableRandom(seed);
    this.listener = new ServerSocket(0, 500, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  /** Starts one that passes everything on. */
  public static FaultProxy before(URI store, long seed) throws IOException {
    return new FaultProxy(store, seed);
  }

  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort());
  }

  /** From the next request on. */
  public void breakPercent(int percent) {
    faultPercent = percent;
  }

  /** Requests so far. */
  public int requests() {
    return fates.values().stream().mapToInt(AtomicInteger::get).sum();
  }

  /** Requests so far, by what became of them. */
  public String summary() {
    return fates.toString().toLowerCase(Locale.ROOT);
  }

  @Override
  public void close() throws IOException {
    closed = true;
    listener.close();
    for (Socket socket : open) {
      socket.close();
    }
  }

  private void accept() {
    while (!closed) {
      try {
        Socket client = listener.accept();
        open.add(client);
        Thread.ofVirtual().start(() -> serve(client));
      } catch (IOException e) {
        // Closed, or a client that left before it was accepted.
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      InputStream in = new BufferedInputStream(client.getInputStream());
      String head = readHead(in);
      if (!head.isEmpty()) {
        byte[] body = in.readNBytes(bodyLength(head));
        Draw draw = draw();
        fates.computeIfAbsent(draw.fate(), _ -> new AtomicInteger()).incrementAndGet();
        answer(client, head, body, draw);
      }
    } catch (IOException | InterruptedException e) {
      // Either side left; that is what this is for.
    } finally {
      open.remove(client);
    }
  }

  /**
   * One request's lot.
   *
   * @param cutAt byte of the answer after which a cut comes
   */
  private record Draw(Fate fate, int cutAt) {}

  private synchronized Draw draw() {
    Fate fate =
        random.nextInt(100) < faultPercent ? FAULTS[random.nextInt(FAULTS.length)] : Fate.PASSED;
    // Half of the cuts fall into the head of an answer or just behind it.
    return new Draw(fate, random.nextInt(random.nextBoolean() ? 400 : CUT_RANGE));
  }

  private void answer(Socket client, String head, byte[] body, Draw draw)
      throws IOException, InterruptedException {
    switch (draw.fate()) {
      case PASSED -> pass(client, head, body, Integer.MAX_VALUE);
      case BUSY -> busy(client, "");
      case BUSY_RETRY_AFTER -> busy(client, "Retry-After: 1\r\n");
      case RESET_BEFORE -> reset(client);
      case RESET_WITHIN -> {
        pass(client, head, body, draw.cutAt());
        reset(client);
      }
      case TRUNCATED -> pass(client, head, body, draw.cutAt());
      case STALLED -> Thread.sleep(STALL_MILLIS);
    }
  }

  private void pass(Socket client, String head, byte[] body, int most) throws IOException {
    try (Socket server = new Socket()) {
      server.connect(store);
      OutputStream out = server.getOutputStream();
      int afterRequestLine = head.indexOf("\r\n") + 2;
      String once =
          head.substring(0, afterRequestLine)
              + "Connection: close\r\n"
              + head.substring(afterRequestLine).replaceAll("(?i)\r\nconnection:[^\r]*", "");
      out.write(once.getBytes(StandardCharsets.ISO_8859_1));
      out.write(body);
      out.flush();
      byte[] buffer = new byte[16 * 1024];
      int left = most;
      while (left > 0) {
        int read = server.getInputStream().read(buffer, 0, Math.min(left, buffer.length));
        if (read < 0) {
          return;
        }
        client.getOutputStream().write(buffer, 0, read);
        left -= read;
      }
      client.getOutputStream().flush();
    }
  }

  private static void busy(Socket client, String header) throws IOException {
    client
        .getOutputStream()
        .write(
            ("HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\nConnection: close\r\n"
                    + header
                    + "\r\n")
                .getBytes(StandardCharsets.ISO_8859_1));
    client.shutdownOutput();
  }

  private static void reset(Socket client) throws IOException {
    client.setSoLinger(true, 0);
  }

  private static String readHead(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.length() < HEAD_LIMIT) {
      int one = in.read();
      if (one < 0) {
        return "";
      }
      head.append((char) one);
      if (one == '\n'
          && head.length() >= 4
          && head.substring(head.length() - 4).equals("\r\n\r\n")) {
        return head.toString();
      }
    }
    throw new IOException("request head of more than " + HEAD_LIMIT + " bytes");
  }

  private static int bodyLength(String head) {
    for (String line : head.split("\r\n", -1)) {
      if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
        return Integer.parseInt(line.substring(line.indexOf(':') + 1).trim());
      }
    }
    return 0;
  }
}
