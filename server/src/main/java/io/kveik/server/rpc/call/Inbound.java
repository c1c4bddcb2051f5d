package io.kveik.server.rpc.call;

import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * A request as it arrived: readable, or refused before it could be read. gRPC would answer a
 * marshaller that throws with UNKNOWN, and a stream would end; this way the handler refuses it like
 * any other bad request.
 */
public final class Inbound<Q> {
  private final @Nullable Q readable;
  private final @Nullable BadRequest refusal;

  private Inbound(@Nullable Q readable, @Nullable BadRequest refusal) {
    this.readable = readable;
    this.refusal = refusal;
  }

  /** The request. */
  public Q request() throws BadRequest {
    if (refusal != null) {
      throw refusal;
    }
    if (readable == null) {
      throw new IllegalStateException("neither readable nor refused");
    }
    return readable;
  }

  /** The method as the server reads its requests. */
  public static <Q, A> MethodDescriptor<Inbound<Q>, A> method(MethodDescriptor<Q, A> method) {
    MethodDescriptor.Marshaller<Q> requests = method.getRequestMarshaller();
    String name = method.getFullMethodName();
    MethodDescriptor.Marshaller<Inbound<Q>> lenient =
        new MethodDescriptor.Marshaller<>() {
          @Override
          public InputStream stream(Inbound<Q> value) {
            throw new IllegalStateException("a server only receives requests");
          }

          @Override
          public Inbound<Q> parse(InputStream stream) {
            try {
              return new Inbound<>(requests.parse(stream), null);
            } catch (StatusRuntimeException e) {
              return new Inbound<>(null, BadRequest.malformed(name));
            }
          }
        };
    return method.toBuilder(lenient, method.getResponseMarshaller()).build();
  }
}
