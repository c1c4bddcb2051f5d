package io.kveik.server.admin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.kveik.server.runtime.Workers;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/**
 * The operator's HTTP port: {@code GET /metrics}, Prometheus text. Requests have no body and no
 * parameters; anything else is 404 or 405. One thread: a scrape at a time.
 */
public final class AdminServer implements AutoCloseable {
  private static final int BACKLOG = 16;

  private final HttpServer http;
  private final Workers thread;

  private AdminServer(HttpServer http, Workers thread) {
    this.http = http;
    this.thread = thread;
  }

  /**
   * Opens the port.
   *
   * @throws IOException when the address can't be had
   */
  public static AdminServer start(InetSocketAddress address, Supplier<String> metrics)
      throws IOException {
    HttpServer http = HttpServer.create(address, BACKLOG);
    Workers thread = new Workers("admin", 1, BACKLOG);
    http.setExecutor(thread);
    http.createContext(
        "/",
        exchange -> {
          if (!exchange.getRequestURI().getPath().equals("/metrics")) {
            answer(exchange, 404, "text/plain", "Not found. Try /metrics.\n");
          } else if (!exchange.getRequestMethod().equals("GET")) {
            answer(exchange, 405, "text/plain", "Only GET.\n");
          } else {
            answer(exchange, 200, "text/plain; version=0.0.4", metrics.get());
          }
        });
    http.start();
    return new AdminServer(http, thread);
  }

  private static void answer(HttpExchange exchange, int status, String type, String text)
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
    thread.close();
  }
}
