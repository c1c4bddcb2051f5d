package io.kveik.server.tier.azure;

import com.azure.core.http.HttpClient;
import com.azure.core.http.HttpHeaderName;
import com.azure.core.http.HttpHeaders;
import com.azure.core.http.HttpRequest;
import com.azure.core.http.HttpResponse;
import com.azure.core.util.Context;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpClient.Version;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Flow;
import java.util.function.Predicate;
import javax.net.ssl.SSLContext;
import reactor.adapter.JdkFlowAdapter;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The SDK's calls over the JDK's HTTP client, from one source address. It keeps its own connections
 * and its own DNS cache, which the JVM's properties set ({@code jdk.httpclient.*}, {@code
 * networkaddress.cache.ttl}); payloads pass through arrays of {@link CallMemory#PIECE_BYTES}. Any
 * thread; the subscribing one resolves the name.
 */
final class JdkTransport implements HttpClient, AutoCloseable {
  /** Headers that the JDK's client sets itself and takes from nobody. */
  private static final Set<String> OWN_HEADERS =
      Set.of("connection", "content-length", "expect", "host", "upgrade");

  private final java.net.http.HttpClient client;
  private final Predicate<InetAddress> forbidden;
  private final Duration stall;

  /**
   * @param source empty for the system's choice
   */
  JdkTransport(AzureOptions options, SSLContext tls, Optional<InetAddress> source) {
    java.net.http.HttpClient.Builder builder =
        java.net.http.HttpClient.newBuilder()
            .version(Version.HTTP_1_1)
            .followRedirects(Redirect.NEVER)
            .connectTimeout(Duration.ofMillis(options.limits().connectMillis()))
            .sslContext(tls);
    source.ifPresent(builder::localAddress);
    this.client = builder.build();
    this.forbidden = options.forbidden();
    this.stall = Duration.ofMillis(options.limits().stallMillis());
  }

  @Override
  public Mono<HttpResponse> send(HttpRequest request) {
    return send(request, Context.NONE);
  }

  @Override
  public Mono<HttpResponse> send(HttpRequest request, Context context) {
    return Mono.defer(
            () -> {
              URI uri = URI.create(request.getUrl().toString());
              try {
                refuseForbidden(uri.getHost());
              } catch (UnknownHostException e) {
                return Mono.error(e);
              }
              return Mono.fromFuture(
                  () -> client.sendAsync(inTheirTerms(request, uri), BodyHandlers.ofPublisher()));
            })
        .onErrorMap(JdkTransport::neverConnected, NotConnectedException::new)
        .flatMap(answer -> inOurTerms(request, answer, CallContext.streams(context)));
  }

  private void refuseForbidden(String host) throws UnknownHostException {
    if (Arrays.stream(InetAddress.getAllByName(host)).anyMatch(forbidden)) {
      throw new ForbiddenAddressException(host);
    }
  }

  private static boolean neverConnected(Throwable failure) {
    return failure instanceof ConnectException || failure instanceof HttpConnectTimeoutException;
  }

  private java.net.http.HttpRequest inTheirTerms(HttpRequest request, URI uri) {
    java.net.http.HttpRequest.Builder builder =
        java.net.http.HttpRequest.newBuilder(uri)
            .timeout(stall)
            .method(request.getHttpMethod().toString(), body(request));
    request.getHeaders().stream()
        .filter(header -> !OWN_HEADERS.contains(header.getName().toLowerCase(Locale.ROOT)))
        .forEach(header ->
            header.getValuesList().forEach(value -> builder.header(header.getName(), value)));
    return builder.build();
  }

  private static BodyPublisher body(HttpRequest request) {
    Flux<ByteBuffer> body = request.getBody();
    String length = request.getHeaders().getValue(HttpHeaderName.CONTENT_LENGTH);
    if (body == null || length == null || length.equals("0")) {
      return BodyPublishers.noBody();
    }
    return BodyPublishers.fromPublisher(
        JdkFlowAdapter.publisherToFlowPublisher(body), Long.parseLong(length));
  }

  private static Mono<HttpResponse> inOurTerms(
      HttpRequest request,
      java.net.http.HttpResponse<Flow.Publisher<List<ByteBuffer>>> answer,
      boolean stream) {
    HttpHeaders headers = new HttpHeaders();
    answer
        .headers()
        .map()
        .forEach((name, values) -> headers.set(HttpHeaderName.fromString(name), values));
    Flux<ByteBuffer> body =
        JdkFlowAdapter.flowPublisherToFlux(answer.body()).flatMapIterable(pieces -> pieces);
    return Answer.of(
        request,
        answer.statusCode(),
        headers,
        body,
        // Also called once the body has been read, when there is nothing to end any more.
        () -> body.subscribe(_ -> {}, _ -> {}).dispose(),
        stream);
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
