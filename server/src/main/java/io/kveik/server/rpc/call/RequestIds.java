package io.kveik.server.rpc.call;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;

/** Takes the {@code request-id} that a client may send along and keeps it for the log. */
public final class RequestIds implements ServerInterceptor {
  private static final Metadata.Key<String> HEADER =
      Metadata.Key.of("request-id", Metadata.ASCII_STRING_MARSHALLER);
  private static final Context.Key<String> KEY = Context.keyWithDefault("request-id", "-");

  public static String current() {
    return KEY.get();
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    String id = headers.get(HEADER);
    return id == null
        ? next.startCall(call, headers)
        : Contexts.interceptCall(Context.current().withValue(KEY, id), call, headers, next);
  }
}
