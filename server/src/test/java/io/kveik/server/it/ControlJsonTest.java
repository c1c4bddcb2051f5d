package io.kveik.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.client.BlockClient;
import io.kveik.client.BlockClientOptions;
import io.kveik.client.NamespaceClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Control operations as JSON on the operator's port. */
@Timeout(60)
final class ControlJsonTest {
  private static final String NAMESPACE =
      "\"namespace\":{\"resource\":\"account\",\"container\":\"kv\","
          + "\"model\":{\"name\":\"llama\",\"block_tokens\":16}}";
  private static final String ALL = "{" + NAMESPACE + ",\"selector\":{\"everything\":true}}";

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir Path directory;

  private final HttpClient http = HttpClient.newHttpClient();
  private RunningServer server;

  @BeforeEach
  void start() throws IOException {
    server = RunningServer.start(directory, "fs-bytes=1GiB", "admin.body-bytes=1KiB");
    try (BlockClient client =
            BlockClient.connect(
                BlockClientOptions.of("localhost:" + server.port())
                    .withDeadlines(PATIENCE, PATIENCE, PATIENCE));
        NamespaceClient blocks = client.open(NativeBlocks.NAMESPACE)) {
      blocks.store(List.of(NativeBlocks.store(0, 1_000), NativeBlocks.store(1, 1_000)));
    }
  }

  @AfterEach
  void stop() {
    http.close();
    server.awaitNoReaders();
    server.close();
  }

  private HttpResponse<String> send(String method, String path, String type, String body)
      throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(URI.create("http://localhost:" + server.adminPort() + path))
            .method(method, BodyPublishers.ofString(body))
            .header("Content-Type", type)
            .build(),
        BodyHandlers.ofString());
  }

  private HttpResponse<String> post(String operation, String body)
      throws IOException, InterruptedException {
    return send("POST", "/v1/blocks/" + operation, "application/json", body);
  }

  @Test
  void everyOperationHasAJsonForm() throws Exception {
    HttpResponse<String> query = post("query", ALL);
    assertThat(query.statusCode()).isEqualTo(200);
    assertThat(query.body()).contains("\"blocks\":[{").contains("\"tiers\":[\"dram\"");
    String first =
        "{%s,\"selector\":{\"ids\":{\"ids\":[\"%s\"]}}%s}"
            .formatted(
                NAMESPACE,
                Base64.getEncoder().encodeToString(NativeBlocks.id(0)),
                ",\"priority\":2");
    assertThat(post("priority", first).body()).contains("\"changed\":\"1\"");
    assertThat(post("pin", ALL).body()).contains("\"changed\":\"2\"");
    assertThat(post("unpin", ALL).body()).contains("\"changed\":\"2\"");
    assertThat(post("prefetch", ALL).body()).contains("\"matched\":\"2\"");
    String ttl =
        "{%s,\"selector\":{\"everything\":true},\"kind\":\"%s\",\"ttl_ms\":60000}"
            .formatted(NAMESPACE, "TTL_KIND_LAST_USE");
    assertThat(post("ttl", ttl).body()).contains("\"changed\":\"2\"");
    assertThat(send("DELETE", "/v1/blocks", "application/json; charset=utf-8", ALL).body())
        .contains("\"changed\":\"2\"");
    assertThat(server.metric("kveik_blocks")).isZero();
  }

  @Test
  void badRequestsAreRefused() throws Exception {
    assertThat(post("delete", "{").statusCode()).isEqualTo(400);
    assertThat(post("delete", "[]").statusCode()).isEqualTo(400);
    assertThat(post("delete", ALL.replace("everything", "everythingg")).statusCode())
        .isEqualTo(400);
    HttpResponse<String> unnamed = post("delete", "{\"selector\":{\"everything\":true}}");
    assertThat(unnamed.statusCode()).isEqualTo(400);
    assertThat(unnamed.body()).contains("namespace.resource: missing");
    assertThat(post("delete", " ".repeat(2_000) + ALL).statusCode()).isEqualTo(413);
    assertThat(post("nothing", ALL).statusCode()).isEqualTo(404);
    assertThat(send("GET", "/v1/blocks/delete", "application/json", ALL).statusCode())
        .isEqualTo(404);
    assertThat(server.metric("kveik_blocks")).isEqualTo(2);
  }

  @Test
  void noPageOfAStrangersCanCallIt() throws Exception {
    assertThat(send("POST", "/v1/blocks/delete", "text/plain", ALL).statusCode()).isEqualTo(415);
    // As a browser would whose DNS says that evil.example is this machine.
    try (Socket socket = new Socket("localhost", server.adminPort())) {
      OutputStream out = socket.getOutputStream();
      out.write(
          ("POST /v1/blocks/delete HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n"
                  + "Content-Type: application/json\r\nContent-Length: "
                  + ALL.length()
                  + "\r\n\r\n"
                  + ALL)
              .getBytes(StandardCharsets.US_ASCII));
      InputStream in = socket.getInputStream();
      assertThat(new String(in.readAllBytes(), StandardCharsets.US_ASCII))
          .startsWith("HTTP/1.1 403");
    }
    assertThat(server.metric("kveik_blocks")).isEqualTo(2);
  }
}
