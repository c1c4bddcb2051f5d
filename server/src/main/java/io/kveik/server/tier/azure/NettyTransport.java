package io.kveik.server.tier.azure;

import com.azure.core.http.HttpClient;
import com.azure.core.http.HttpHeaderName;
import com.azure.core.http.HttpRequest;
import com.azure.core.http.HttpResponse;
import com.azure.core.util.Context;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.ssl.SslContext;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.NettyOutbound;
import reactor.netty.http.client.HttpClientResponse;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;
import reactor.netty.transport.NameResolverProvider;

/**
 * The SDK's calls over Reactor Netty, from one source address with a connection pool of its own.
 * The SDK's own adapter is not used: it takes bodies as buffers whose end of use nobody learns, and
 * so can't be given memory that is used again. One try per call: no retry on a dropped connection,
 * no redirect, no decompression.
 *
 * <p>Any thread. Answers are read whole, but for those asked for with {@link CallContext#STREAM}.
 */
final class NettyTransport implements HttpClient, AutoCloseable {
  /** What all source addresses share. */
  static final class Shared implements AutoCloseable {
    private final LoopResources loops;
    private final SslContext tls;
    private final AzureOptions options;

    Shared(AzureOptions options, SslContext tls) {
      this.loops = LoopResources.create("azure", options.limits().eventLoops(), true);
      this.tls = tls;
      this.options = options;
    }

    @Override
    public void close() {
      loops.disposeLater(Duration.ZERO, Duration.ofSeconds(2)).block();
    }
  }

  private final ConnectionProvider pool;
  private final reactor.netty.http.client.HttpClient client;
  private final Predicate<InetAddress> forbidden;

  /**
   * @param source empty for the system's choice
   */
  NettyTransport(Shared shared, Optional<InetAddress> source) {
    AzureOptions.Limits limits = shared.options.limits();
    this.forbidden = shared.options.forbidden();
    this.pool =
        ConnectionProvider.builder("azure" + source.map(InetAddress::getHostAddress).orElse(""))
            .maxConnections(limits.connections())
            .pendingAcquireMaxCount(limits.pending())
            .pendingAcquireTimeout(Duration.ofMillis(limits.stallMillis()))
            .maxIdleTime(Duration.ofMillis(limits.idleMillis()))
            .evictInBackground(Duration.ofMillis(limits.idleMillis()))
            .lifo()
            .build();
    Duration dnsCache = Duration.ofMillis(limits.dnsCacheMillis());
    reactor.netty.http.client.HttpClient base =
        reactor.netty.http.client.HttpClient.create(pool)
            .runOn(shared.loops)
            .disableRetry(true)
            .followRedirect(false)
            .compress(false)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, Math.toIntExact(limits.connectMillis()))
            .option(ChannelOption.TCP_NODELAY, true)
            // Also what ends a connection whose answer nobody reads any more.
            .responseTimeout(Duration.ofMillis(limits.stallMillis()))
            .secure(spec -> spec.sslContext(shared.tls))
            .resolver(spec -> resolver(spec, dnsCache, shared));
    this.client =
        source
            .map(address -> base.bindAddress(() -> new InetSocketAddress(address, 0)))
            .orElse(base);
  }

  private static void resolver(
      NameResolverProvider.NameResolverSpec spec, Duration cache, Shared shared) {
    spec.cacheMinTimeToLive(cache)
        .cacheMaxTimeToLive(cache)
        .runOn(shared.loops)
        .dnsAddressResolverGroupProvider(
            builder -> new GuardedResolver(builder, shared.options.forbidden()));
  }

  @Override
  public Mono<HttpResponse> send(HttpRequest request) {
    return send(request, Context.NONE);
  }

  /** Addresses in numbers are not resolved, so {@link GuardedResolver} does not see them. */
  private boolean isForbidden(String host) {
    try {
      return forbidden.test(InetAddress.ofLiteral(host));
    } catch (IllegalArgumentException name) {
      return false;
    }
  }

  @Override
  public Mono<HttpResponse> send(HttpRequest request, Context context) {
    return Mono.defer(() -> {
      String host = request.getUrl().getHost();
      if (isForbidden(host)) {
        return Mono.error(new ForbiddenAddressException(host));
      }
      AtomicBoolean connected = new AtomicBoolean();
      return client
          .headers(headers -> copy(request.getHeaders(), headers))
          .request(HttpMethod.valueOf(request.getHttpMethod().toString()))
          .uri(request.getUrl().toString())
          .send((_, out) -> {
            connected.set(true);
            return out.send(body(request, CallContext.upload(context), out));
          })
          .responseConnection((head, connection) ->
              Answer.of(
                  request,
                  head.status().code(),
                  headersOf(head),
                  connection.inbound().receive().asByteBuffer(),
                  () -> abandon(connection),
                  CallContext.streams(context)))
          .single()
          .onErrorMap(failure -> inWords(failure, connected.get()));
    });
  }

  private static Throwable inWords(Throwable failure, boolean connected) {
    return connected || failure instanceof UnknownHostException
        ? failure
        : new NotConnectedException(failure);
  }

  private static void copy(com.azure.core.http.HttpHeaders from, HttpHeaders to) {
    from.stream().forEach(header -> to.set(header.getName(), header.getValuesList()));
  }

  private static com.azure.core.http.HttpHeaders headersOf(HttpClientResponse head) {
    com.azure.core.http.HttpHeaders headers = new com.azure.core.http.HttpHeaders();
    head.responseHeaders()
        .forEach(
            header -> headers.add(HttpHeaderName.fromString(header.getKey()), header.getValue()));
    return headers;
  }

  private static void abandon(Connection connection) {
    if (!connection.isDisposed()) {
      connection.channel().eventLoop().execute(connection::dispose);
    }
  }

  private static Flux<ByteBuf> body(
      HttpRequest request, @Nullable CallMemory upload, NettyOutbound out) {
    if (upload != null) {
      return pieces(upload, out.alloc());
    }
    Flux<ByteBuffer> body = request.getBody();
    return body == null ? Flux.empty() : body.map(Unpooled::wrappedBuffer);
  }

  private static Flux<ByteBuf> pieces(CallMemory upload, ByteBufAllocator allocator) {
    return Flux.generate(
        () -> 0L,
        (offset, sink) -> {
          long length = Math.min(CallMemory.PIECE_BYTES, upload.byteSize() - offset);
          if (length == 0) {
            sink.complete();
          } else {
            sink.next(piece(upload, offset, (int) length, allocator));
          }
          return offset + length;
        });
  }

  private static ByteBuf piece(
      CallMemory upload, long offset, int length, ByteBufAllocator allocator) {
    ByteBuf piece = allocator.directBuffer(length);
    try {
      upload.read(offset, piece.internalNioBuffer(0, length));
      return piece.writerIndex(length);
    } catch (RuntimeException e) {
      piece.release();
      throw e;
    }
  }

  @Override
  public void close() {
    pool.dispose();
  }
}
