package io.kveik.server.admin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.kveik.server.runtime.Clock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /v1/blocks/OPERATION}, and {@code DELETE /v1/blocks} for the operation of that name.
 *
 * <p>Nobody logs in here, so a browser on this machine must not be made to call it for a stranger's
 * page: the body must be declared as JSON, which no page may send elsewhere without leave, and the
 * Host header must name this machine, so that no foreign name can be pointed at it.
 *
 * <p>Reads the request on the port's thread and answers on the operation's.
 */
final class OperationsHandler implements HttpHandler {
  static final String PATH = "/v1/blocks";
  private static final String JSON = "application/json";
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final JsonOperations operations;
  private final AdminServer.Limits limits;
  private final Clock clock;

  OperationsHandler(JsonOperations operations, AdminServer.Limits limits, Clock clock) {
    this.operations = operations;
    this.limits = limits;
    this.clock = clock;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    Optional<String> operation = operation(exchange);
    if (operation.isEmpty()) {
      refuse(exchange, 404, "there is no " + PATH + " operation of that name and method");
    } else if (!namesThisMachine(exchange)) {
      refuse(exchange, 403, "the Host header must name this machine");
    } else if (!isJson(exchange)) {
      refuse(exchange, 415, "Content-Type: must be " + JSON);
    } else {
      byte[] body = exchange.getRequestBody().readNBytes(limits.bodyBytes() + 1);
      if (body.length > limits.bodyBytes()) {
        refuse(exchange, 413, "admin.body-bytes: a body may have " + limits.bodyBytes() + " bytes");
        return;
      }
      call(operation.get(), body, exchange);
    }
  }

  private void call(String operation, byte[] body, HttpExchange exchange) throws IOException {
    String json;
    try {
      json = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
    } catch (CharacterCodingException e) {
      refuse(exchange, 400, "the body is not UTF-8");
      return;
    }
    long deadlineNanos = clock.nanoTime() + limits.callMillis() * NANOS_PER_MILLI;
    operations
        .call(operation, json, () -> clock.nanoTime() - deadlineNanos >= 0)
        .thenAccept(answer -> {
          try {
            AdminServer.answer(exchange, answer.status(), JSON, answer.body() + "\n");
          } catch (IOException e) {
            // The client has gone.
            exchange.close();
          }
        });
  }

  private Optional<String> operation(HttpExchange exchange) {
    String path = exchange.getRequestURI().getPath();
    String method = exchange.getRequestMethod();
    String named =
        method.equals("POST") && path.startsWith(PATH + "/")
            ? path.substring(PATH.length() + 1)
            : method.equals("DELETE") && path.equals(PATH) ? "delete" : "";
    return operations.knows(named) ? Optional.of(named) : Optional.empty();
  }

  private static boolean isJson(HttpExchange exchange) {
    String type = exchange.getRequestHeaders().getFirst("Content-Type");
    return type != null && type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT).equals(JSON);
  }

  private static boolean namesThisMachine(HttpExchange exchange) {
    String header = exchange.getRequestHeaders().getFirst("Host");
    String host = header == null ? null : hostOf(header);
    if (host == null) {
      return false;
    }
    InetAddress reached = exchange.getLocalAddress().getAddress();
    return host.equals("localhost")
        || host.equals(reached.getHostAddress())
        || (reached.isLoopbackAddress() && (host.equals("127.0.0.1") || host.equals("[::1]")));
  }

  private static @Nullable String hostOf(String header) {
    try {
      return URI.create("http://" + header).getHost();
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static void refuse(HttpExchange exchange, int status, String text) throws IOException {
    AdminServer.answer(exchange, status, JSON, "{\"error\":\"" + text + "\"}\n");
  }
}
