package io.kveik.server.tier.azure;

import com.azure.core.http.HttpHeaderName;
import com.azure.core.http.HttpHeaders;
import com.azure.core.http.HttpRequest;
import com.azure.core.http.HttpResponse;
import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.http.client.HttpClientResponse;

/**
 * An HTTP answer in the SDK's terms: either read whole, its connection back in the pool, or a body
 * that is still to come and holds its connection until it ends or {@link #close} breaks it off.
 */
abstract sealed class NettyAnswer extends HttpResponse {
  /** More than a page of a listing or an error text takes. */
  private static final int MAX_WHOLE_BYTES = 16 * 1024 * 1024;

  private static final int REDIRECTS = 300;

  private final int status;
  private final HttpHeaders headers = new HttpHeaders();

  private NettyAnswer(HttpRequest request, HttpClientResponse head) {
    super(request);
    this.status = head.status().code();
    for (Map.Entry<String, String> header : head.responseHeaders()) {
      headers.add(HttpHeaderName.fromString(header.getKey()), header.getValue());
    }
  }

  /**
   * @param stream hand a successful answer's body on as it arrives
   */
  static Mono<HttpResponse> of(
      HttpRequest request, HttpClientResponse head, Connection connection, boolean stream) {
    if (stream && head.status().code() < REDIRECTS) {
      return Mono.just(new Streamed(request, head, connection));
    }
    return connection
        .inbound()
        .receive()
        .collect(ByteArrayOutputStream::new, NettyAnswer::append)
        .map(body -> new Whole(request, head, body.toByteArray()));
  }

  private static void append(ByteArrayOutputStream body, ByteBuf piece) {
    if (body.size() + piece.readableBytes() > MAX_WHOLE_BYTES) {
      throw new IllegalStateException("answer longer than " + MAX_WHOLE_BYTES + " bytes");
    }
    try {
      piece.readBytes(body, piece.readableBytes());
    } catch (IOException e) {
      throw new IllegalStateException("memory takes all bytes", e);
    }
  }

  @Override
  public int getStatusCode() {
    return status;
  }

  @Override
  @Deprecated
  public @Nullable String getHeaderValue(String name) {
    return headers.getValue(HttpHeaderName.fromString(name));
  }

  @Override
  public HttpHeaders getHeaders() {
    return headers;
  }

  @Override
  public Mono<String> getBodyAsString() {
    return getBodyAsString(StandardCharsets.UTF_8);
  }

  @Override
  public Mono<String> getBodyAsString(Charset charset) {
    return getBodyAsByteArray().map(bytes -> new String(bytes, charset));
  }

  private static final class Whole extends NettyAnswer {
    private final byte[] body;

    Whole(HttpRequest request, HttpClientResponse head, byte[] body) {
      super(request, head);
      this.body = body;
    }

    @Override
    public Flux<ByteBuffer> getBody() {
      return Flux.defer(() -> Flux.just(ByteBuffer.wrap(body)));
    }

    @Override
    public Mono<byte[]> getBodyAsByteArray() {
      return Mono.just(body);
    }
  }

  private static final class Streamed extends NettyAnswer {
    private final Connection connection;

    Streamed(HttpRequest request, HttpClientResponse head, Connection connection) {
      super(request, head);
      this.connection = connection;
    }

    /** Buffers are the network's, valid only until the subscriber returns. */
    @Override
    public Flux<ByteBuffer> getBody() {
      return connection.inbound().receive().asByteBuffer();
    }

    @Override
    public Mono<byte[]> getBodyAsByteArray() {
      return connection.inbound().receive().aggregate().asByteArray();
    }

    @Override
    public void close() {
      if (!connection.isDisposed()) {
        connection.channel().eventLoop().execute(connection::dispose);
      }
    }
  }
}
