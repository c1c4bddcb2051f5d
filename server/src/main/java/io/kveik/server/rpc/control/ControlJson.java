package io.kveik.server.rpc.control;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import io.kveik.server.rpc.call.BadRequest;
import io.kveik.wire.nativev1.DeleteRequest;
import io.kveik.wire.nativev1.PinRequest;
import io.kveik.wire.nativev1.PrefetchBlocksRequest;
import io.kveik.wire.nativev1.QueryRequest;
import io.kveik.wire.nativev1.SetEvictionPolicyRequest;
import io.kveik.wire.nativev1.SetPriorityRequest;
import io.kveik.wire.nativev1.SetTtlRequest;
import io.kveik.wire.nativev1.UnpinRequest;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;

/**
 * The control operations as JSON: the service's messages in protobuf's own JSON mapping, read
 * strictly (unknown fields, wrong types and numbers out of range are refused), a hundred levels
 * deep at most. Any thread; blocks none.
 */
public final class ControlJson {
  private static final int OK = 200;
  private static final int BAD_REQUEST = 400;
  private static final int TIMEOUT = 408;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int SERVER_ERROR = 500;
  private static final int UNAVAILABLE = 503;

  private static final Map<String, Message> REQUESTS =
      Map.of(
          "query", QueryRequest.getDefaultInstance(),
          "delete", DeleteRequest.getDefaultInstance(),
          "priority", SetPriorityRequest.getDefaultInstance(),
          "ttl", SetTtlRequest.getDefaultInstance(),
          "policy", SetEvictionPolicyRequest.getDefaultInstance(),
          "prefetch", PrefetchBlocksRequest.getDefaultInstance(),
          "pin", PinRequest.getDefaultInstance(),
          "unpin", UnpinRequest.getDefaultInstance());

  private final ControlHandler handler;
  private final JsonFormat.Parser parser = JsonFormat.parser();
  private final JsonFormat.Printer printer = JsonFormat.printer().omittingInsignificantWhitespace();

  ControlJson(ControlHandler handler) {
    this.handler = handler;
  }

  /**
   * An answer.
   *
   * @param status of HTTP
   * @param body a JSON object; {@code error} says what is wrong where the status is not 200
   */
  public record Answer(int status, String body) {}

  /** True when there is such an operation. */
  public boolean knows(String operation) {
    return REQUESTS.containsKey(operation);
  }

  /**
   * Does one.
   *
   * @param operation one that is known
   * @param json the request's message
   * @param stop true once the caller no longer waits
   */
  public CompletionStage<Answer> call(String operation, String json, BooleanSupplier stop) {
    Message prototype = REQUESTS.get(operation);
    if (prototype == null) {
      throw new IllegalArgumentException("no operation " + operation);
    }
    Message.Builder request = prototype.newBuilderForType();
    try {
      parser.merge(json, request);
    } catch (InvalidProtocolBufferException e) {
      return CompletableFuture.completedFuture(
          error(
              BAD_REQUEST,
              "the body is not the request: " + BadRequest.shown(e.getMessage() + "")));
    }
    return handler.handle(request.build(), stop).thenApply(this::answer);
  }

  private Answer answer(ControlAnswer outcome) {
    return switch (outcome) {
      case ControlAnswer.Done(Message response) -> new Answer(OK, print(response));
      case ControlAnswer.Refused(ControlAnswer.Kind kind, String text) ->
          error(
              switch (kind) {
                case INVALID -> BAD_REQUEST;
                case EXHAUSTED -> TOO_MANY_REQUESTS;
                case UNAVAILABLE -> UNAVAILABLE;
                case STOPPED -> TIMEOUT;
                case FAILED -> SERVER_ERROR;
              },
              text);
    };
  }

  private Answer error(int status, String text) {
    Value error = Value.newBuilder().setStringValue(text).build();
    return new Answer(status, print(Struct.newBuilder().putFields("error", error)));
  }

  private String print(MessageOrBuilder message) {
    try {
      return printer.print(message);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("no message here has parts of unknown type", e);
    }
  }
}
