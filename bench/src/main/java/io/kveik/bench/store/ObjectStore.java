package io.kveik.bench.store;

import io.kveik.bench.block.BlockName;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Azure Blob Storage: a blob per block, HEAD for each of a chain. Connections share one HTTP client
 * of the JDK, which keeps as many sockets open as there are calls at a time.
 */
public final class ObjectStore implements BlockStore {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String VERSION = "2021-08-06";
  private static final DateTimeFormatter HTTP_DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT);
  private static final int OK = 200;
  private static final int CREATED = 201;
  private static final int NOT_FOUND = 404;
  private static final int CONFLICT = 409;
  private static final int TOO_MANY = 429;
  private static final int SERVER_ERRORS = 500;
  private static final int SHOWN_CHARS = 200;

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(LIMIT).build();
  private final URI container;
  private final StoreSettings settings;

  /**
   * @param container its URL, without a slash at its end
   */
  ObjectStore(String container, StoreSettings settings) {
    this.container = URI.create(container);
    this.settings = settings;
  }

  /**
   * Makes a container in a store that has just started.
   *
   * @param url of it, without a slash at its end
   */
  public static void createContainer(String url) throws IOException {
    URI container = URI.create(url);
    try (HttpClient http = HttpClient.newHttpClient()) {
      SortedMap<String, String> query =
          new TreeMap<>(Collections.singletonMap("restype", "container"));
      HttpRequest.Builder request =
          signed(
                  "PUT",
                  URI.create(url + "?restype=container"),
                  0,
                  new TreeMap<>(),
                  container.getPath(),
                  query)
              .PUT(BodyPublishers.noBody());
      HttpResponse<String> answer = send(http, request.build(), BodyHandlers.ofString());
      if (answer.statusCode() != CREATED) {
        throw unexpected(answer.statusCode(), answer.body());
      }
    }
  }

  @Override
  public StoreConnection connect() {
    return new Connection();
  }

  @Override
  public void close() {
    http.close();
  }

  private final class Connection implements StoreConnection {
    private final byte[] body = new byte[settings.blockBytes()];

    /** The JDK's client takes a body from an array only: this is one copy more than others make. */
    @Override
    public WriteOutcome write(BlockName block, MemorySegment payload) throws IOException {
      MemorySegment.copy(payload, ValueLayout.JAVA_BYTE, 0, body, 0, body.length);
      SortedMap<String, String> headers = new TreeMap<>();
      headers.put("x-ms-blob-type", "BlockBlob");
      HttpRequest request =
          request("PUT", block, body.length, headers, BodyPublishers.ofByteArray(body));
      HttpResponse<String> answer = send(http, request, BodyHandlers.ofString());
      if (answer.statusCode() == CREATED) {
        return WriteOutcome.STORED;
      }
      throwUnlessBusy(answer.statusCode(), answer.body());
      return WriteOutcome.REFUSED;
    }

    @Override
    public ReadOutcome read(BlockName block, MemorySegment into) throws IOException {
      HttpRequest request = request("GET", block, 0, new TreeMap<>(), BodyPublishers.noBody());
      HttpResponse<Long> answer = send(http, request, _ -> new SegmentSubscriber(into));
      return switch (answer.statusCode()) {
        case OK -> answer.body() == into.byteSize() ? ReadOutcome.FOUND : ReadOutcome.WRONG;
        case NOT_FOUND -> ReadOutcome.MISSING;
        default -> {
          throwUnlessBusy(answer.statusCode(), "");
          yield ReadOutcome.REFUSED;
        }
      };
    }

    @Override
    public LookupOutcome lookup(List<BlockName> chain) throws IOException {
      int found = 0;
      while (found < chain.size()) {
        HttpRequest request =
            request("HEAD", chain.get(found), 0, new TreeMap<>(), BodyPublishers.noBody());
        int status = send(http, request, BodyHandlers.discarding()).statusCode();
        if (status == NOT_FOUND) {
          break;
        }
        if (status != OK) {
          throwUnlessBusy(status, "");
          return LookupOutcome.REFUSED;
        }
        found++;
      }
      return new LookupOutcome.Found(found);
    }

    @Override
    public void close() {}

    private HttpRequest request(
        String verb,
        BlockName block,
        int contentLength,
        SortedMap<String, String> headers,
        BodyPublisher content) {
      URI url = URI.create(container + "/" + block.key());
      return signed(verb, url, contentLength, headers, url.getPath(), new TreeMap<>())
          .method(verb, content)
          .build();
    }
  }

  private static HttpRequest.Builder signed(
      String verb,
      URI url,
      int contentLength,
      SortedMap<String, String> headers,
      String path,
      SortedMap<String, String> query) {
    headers.put("x-ms-date", HTTP_DATE.format(ZonedDateTime.now(ZoneOffset.UTC)));
    headers.put("x-ms-version", VERSION);
    HttpRequest.Builder request = HttpRequest.newBuilder(url).timeout(LIMIT);
    headers.forEach(request::header);
    return request.header(
        "Authorization",
        SharedKey.AZURITE.authorization(verb, contentLength, headers, path, query));
  }

  private static <T> HttpResponse<T> send(
      HttpClient http, HttpRequest request, BodyHandler<T> handler) throws IOException {
    try {
      return http.send(request, handler);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted in a call of the object store");
    }
  }

  private static void throwUnlessBusy(int status, String body) throws IOException {
    if (status < SERVER_ERRORS && status != TOO_MANY && status != CONFLICT) {
      throw unexpected(status, body);
    }
  }

  private static IOException unexpected(int status, String body) {
    return new IOException(
        "the object store answered %d %s"
            .formatted(status, body.substring(0, Math.min(SHOWN_CHARS, body.length()))));
  }
}
