package io.kveik.server.tier.azure;

import com.azure.core.http.HttpClient;
import com.azure.core.http.HttpRequest;
import com.azure.core.http.HttpResponse;
import com.azure.core.http.jdk.httpclient.JdkHttpClientBuilder;
import com.azure.core.util.Context;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpClient.Version;
import java.net.http.HttpConnectTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Predicate;
import javax.net.ssl.SSLContext;
import reactor.core.publisher.Mono;

/**
 * The SDK's calls over the JDK's HTTP client, from one source address. It keeps its own connections
 * and its own DNS cache, which the JVM's properties set ({@code jdk.httpclient.*}, {@code
 * networkaddress.cache.ttl}). Any thread; the calling one resolves the name.
 */
final class JdkTransport implements HttpClient {
  private final HttpClient client;
  private final Predicate<InetAddress> forbidden;

  /**
   * @param source empty for the system's choice
   */
  JdkTransport(AzureOptions options, SSLContext tls, Optional<InetAddress> source) {
    java.net.http.HttpClient.Builder jdk =
        java.net.http.HttpClient.newBuilder()
            .version(Version.HTTP_1_1)
            .followRedirects(Redirect.NEVER)
            .sslContext(tls);
    source.ifPresent(jdk::localAddress);
    Duration stall = Duration.ofMillis(options.limits().stallMillis());
    this.client =
        new JdkHttpClientBuilder(jdk)
            .connectionTimeout(Duration.ofMillis(options.limits().connectMillis()))
            .responseTimeout(stall)
            .readTimeout(stall)
            .writeTimeout(stall)
            .build();
    this.forbidden = options.forbidden();
  }

  @Override
  public Mono<HttpResponse> send(HttpRequest request) {
    return send(request, Context.NONE);
  }

  @Override
  public Mono<HttpResponse> send(HttpRequest request, Context context) {
    return Mono.defer(
            () -> {
              try {
                refuseForbidden(request.getUrl().getHost());
              } catch (UnknownHostException e) {
                return Mono.error(e);
              }
              return client.send(request, context);
            })
        .onErrorMap(JdkTransport::neverConnected, NotConnectedException::new);
  }

  private void refuseForbidden(String host) throws UnknownHostException {
    if (Arrays.stream(InetAddress.getAllByName(host)).anyMatch(forbidden)) {
      throw new ForbiddenAddressException(host);
    }
  }

  private static boolean neverConnected(Throwable failure) {
    return failure instanceof ConnectException || failure instanceof HttpConnectTimeoutException;
  }
}
