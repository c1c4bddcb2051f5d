package io.kveik.server.admin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.kveik.server.runtime.Workers;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * The operator's HTTP port: pages to GET. Requests have no body and no parameters; anything else is
 * 404 or 405. One thread: a page at a time.
 */
public final class AdminServer implements AutoCloseable {
  private static final int BACKLOG = 16;

  /**
   * What is under one path.
   *
   * @param type its content type, without the character set
   * @param text made anew for each request
   */
  public record Page(String type, Supplier<String> text) {}

  private final HttpServer http;
  private final Workers thread;

  private AdminServer(HttpServer http, Workers thread) {
    this.http = http;
    this.thread = thread;
  }

  /**
   * Opens the port.
   *
   * @param pages by path
   * @throws IOException when the address can't be had
   */
  public static AdminServer start(InetSocketAddress address, Map<String, Page> pages)
      throws IOException {
    HttpServer http = HttpServer.create(address, BACKLOG);
    Workers thread = new Workers("admin", 1, BACKLOG);
    http.setExecutor(thread);
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
    return new AdminServer(http, thread);
  }

  private static String paths(Map<String, Page> pages) {
    return String.join(", ", new TreeSet<>(pages.keySet()));
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
