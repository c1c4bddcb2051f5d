package io.kveik.server.admin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Workers;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * The operator's HTTP port: pages to GET, without parameters, and the operations of {@link
 * OperationsHandler}. Anything else is 404 or 405.
 */
public final class AdminServer implements AutoCloseable {
  private static final int BACKLOG = 16;

  /** So that a request whose body comes slowly keeps nobody from the pages. */
  private static final int THREADS = 4;

  /**
   * What a request is held to.
   *
   * @param bodyBytes largest body
   * @param callMillis how long an operation may take
   */
  public record Limits(int bodyBytes, long callMillis) {}

  /**
   * What is under one path.
   *
   * @param type its content type, without the character set
   * @param text made anew for each request
   */
  public record Page(String type, Supplier<String> text) {}

  private final HttpServer http;
  private final Workers threads;

  private AdminServer(HttpServer http, Workers threads) {
    this.http = http;
    this.threads = threads;
  }

  /**
   * Opens the port.
   *
   * @param pages by path
   * @throws IOException when the address can't be had
   */
  public static AdminServer start(
      InetSocketAddress address,
      Map<String, Page> pages,
      JsonOperations operations,
      Limits limits,
      Clock clock)
      throws IOException {
    HttpServer http = HttpServer.create(address, BACKLOG);
    Workers threads = new Workers("admin", THREADS, BACKLOG);
    http.setExecutor(threads);
    http.createContext(OperationsHandler.PATH, new OperationsHandler(operations, limits, clock));
    http.createContext(
        "/",
        exchange -> {
          Page page = pages.get(exchange.getRequestURI().getPath());
          if (page == null) {
            answer(exchange, 404, "text/plain", "Not found. Try " + paths(pages) + ".\n");
          } else if (!exchange.getRequestMethod().equals("GET")) {
            answer(exchange, 405, "text/plain", "Only GET.\n");
          } else {
            answer(exchange, 200, page.type(), page.text().get());
          }
        });
    http.start();
    return new AdminServer(http, threads);
  }

  private static String paths(Map<String, Page> pages) {
    return String.join(", ", new TreeSet<>(pages.keySet()));
  }

  static void answer(HttpExchange exchange, int status, String type, String text)
      throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type + "; charset=utf-8");
    exchange.sendResponseHeaders(status, body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  public int port() {
    return http.getAddress().getPort();
  }

  @Override
  public void close() {
    http.stop(0);
    threads.close();
  }
}
