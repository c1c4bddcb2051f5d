package io.kveik.server.tier.azure;

import com.azure.core.http.HttpHeaderName;
import com.azure.core.http.HttpHeaders;
import com.azure.core.http.HttpRequest;
import com.azure.core.http.HttpResponse;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * An HTTP answer in the SDK's terms: either read whole, its connection back in the pool, or a body
 * that is still to come and holds its connection until it ends or {@link #close} breaks it off.
 */
abstract sealed class Answer extends HttpResponse {
  /** More than a page of a listing or an error text takes. */
  private static final int MAX_WHOLE_BYTES = 16 * 1024 * 1024;

  private static final int REDIRECTS = 300;
  private static final int ERRORS = 400;

  private final int status;
  private final HttpHeaders headers;

  private Answer(HttpRequest request, int status, HttpHeaders headers) {
    super(request);
    this.status = status;
    this.headers = headers;
  }

  /**
   * Makes an answer, reading what is not to be streamed.
   *
   * @param body buffers are valid until the subscriber returns
   * @param abandon ends a body that nobody subscribes to
   * @param stream hand a successful answer's body on as it arrives
   */
  static Mono<HttpResponse> of(
      HttpRequest request,
      int status,
      HttpHeaders headers,
      Flux<ByteBuffer> body,
      Runnable abandon,
      boolean stream) {
    if (stream && status < REDIRECTS) {
      return Mono.just(new Streamed(request, status, headers, body, abandon));
    }
    return whole(body).map(bytes -> new Whole(request, status, headers, bytes));
  }

  /**
   * The same without the text of an error, which the SDK would log or put into its exceptions: it
   * can quote what was signed. Status and headers say all that is made use of.
   */
  static HttpResponse withoutErrorText(HttpResponse answer) {
    return answer.getStatusCode() < ERRORS
        ? answer
        : new Whole(answer.getRequest(), answer.getStatusCode(), answer.getHeaders(), new byte[0]);
  }

  private static Mono<byte[]> whole(Flux<ByteBuffer> body) {
    return body.collect(ByteArrayOutputStream::new, Answer::append)
        .map(ByteArrayOutputStream::toByteArray);
  }

  private static void append(ByteArrayOutputStream whole, ByteBuffer piece) {
    if (whole.size() + piece.remaining() > MAX_WHOLE_BYTES) {
      throw new IllegalStateException("answer longer than " + MAX_WHOLE_BYTES + " bytes");
    }
    byte[] bytes = new byte[piece.remaining()];
    piece.get(bytes);
    whole.writeBytes(bytes);
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
  public Mono<byte[]> getBodyAsByteArray() {
    return whole(getBody());
  }

  @Override
  public Mono<String> getBodyAsString() {
    return getBodyAsString(StandardCharsets.UTF_8);
  }

  @Override
  public Mono<String> getBodyAsString(Charset charset) {
    return getBodyAsByteArray().map(bytes -> new String(bytes, charset));
  }

  private static final class Whole extends Answer {
    private final byte[] body;

    Whole(HttpRequest request, int status, HttpHeaders headers, byte[] body) {
      super(request, status, headers);
      this.body = body;
    }

    @Override
    public Flux<ByteBuffer> getBody() {
      return Flux.defer(() -> Flux.just(ByteBuffer.wrap(body)));
    }
  }

  private static final class Streamed extends Answer {
    private final Flux<ByteBuffer> body;
    private final Runnable abandon;

    Streamed(
        HttpRequest request,
        int status,
        HttpHeaders headers,
        Flux<ByteBuffer> body,
        Runnable abandon) {
      super(request, status, headers);
      this.body = body;
      this.abandon = abandon;
    }

    @Override
    public Flux<ByteBuffer> getBody() {
      return body;
    }

    @Override
    public void close() {
      abandon.run();
    }
  }
}
