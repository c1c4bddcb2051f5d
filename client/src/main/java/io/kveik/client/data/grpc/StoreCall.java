package io.kveik.client.data.grpc;

import com.google.protobuf.UnsafeByteOperations;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.kveik.client.AckLevel;
import io.kveik.client.TtlKind;
import io.kveik.client.data.Deadline;
import io.kveik.client.data.StoreItem;
import io.kveik.client.data.StoreResult;
import io.kveik.client.data.TransportException;
import io.kveik.client.inplace.Answers;
import io.kveik.client.inplace.OutgoingMessage;
import io.kveik.wire.nativev1.Namespace;
import io.kveik.wire.nativev1.StoreRequest;
import io.kveik.wire.nativev1.StoreResponse;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One Store: blocks go out as the transport takes them, straight from where the caller keeps them,
 * while results come back. Used once.
 */
final class StoreCall {
  /** Blocks sent and without a result. */
  private static final int MAX_UNANSWERED = 64;

  private static final String WHAT = "Store";

  private final List<StoreItem> items;
  private final @Nullable StoreResult[] results;
  private final List<OutgoingMessage> messages = new ArrayList<>();
  private int answered;

  StoreCall(List<StoreItem> items) {
    this.items = items;
    this.results = new StoreResult[items.size()];
  }

  /** Returns when every item has its result, and touches no payload after that. */
  List<StoreResult> run(
      ClientCall<OutgoingMessage, StoreResponse> call, Namespace namespace, Deadline until)
      throws TransportException {
    boolean ended = false;
    try (Answers<StoreResponse> answers = new Answers<>(answer -> {})) {
      call.start(answers, new Metadata());
      call.request(MAX_UNANSWERED);
      do {
        send(call, namespace);
      } while (take(answers.next(until.leftNanos()), call));
      ended = true;
    } catch (InterruptedException e) {
      throw GrpcFailures.interrupted(WHAT, e);
    } finally {
      if (!ended) {
        call.cancel("the caller no longer waits", null);
      }
      messages.forEach(OutgoingMessage::close);
    }
    List<StoreResult> all = new ArrayList<>(items.size());
    for (StoreResult result : results) {
      if (result == null) {
        throw broken("it ended after %d of %d results".formatted(answered, items.size()));
      }
      all.add(result);
    }
    return all;
  }

  /** Only what the transport takes now: nothing of a payload waits in memory of its own. */
  private void send(ClientCall<OutgoingMessage, StoreResponse> call, Namespace namespace) {
    while (messages.size() < items.size()
        && messages.size() - answered < MAX_UNANSWERED
        && call.isReady()) {
      OutgoingMessage message = message(items.get(messages.size()), namespace);
      messages.add(message);
      call.sendMessage(message);
      if (messages.size() == items.size()) {
        call.halfClose();
      }
    }
  }

  private static io.kveik.wire.nativev1.TtlKind kind(TtlKind kind) {
    return switch (kind) {
      case ABSOLUTE -> io.kveik.wire.nativev1.TtlKind.TTL_KIND_ABSOLUTE;
      case LAST_USE -> io.kveik.wire.nativev1.TtlKind.TTL_KIND_LAST_USE;
      case FIRST_USE -> io.kveik.wire.nativev1.TtlKind.TTL_KIND_FIRST_USE;
    };
  }

  /** Only the first message of a stream has the namespace. */
  private OutgoingMessage message(StoreItem item, Namespace namespace) {
    StoreRequest.Builder request =
        StoreRequest.newBuilder()
            .setId(UnsafeByteOperations.unsafeWrap(item.id()))
            .setParentId(UnsafeByteOperations.unsafeWrap(item.parentId()))
            .setTokenCount(item.tokenCount())
            .setMetadata(UnsafeByteOperations.unsafeWrap(item.metadata()))
            .setTtlMs(item.ttlMillis())
            .setTtlKind(kind(item.ttlKind()))
            .setPriority(item.priority())
            .setAckLevel(code(item.ack()))
            .setPayloadCrc32C(item.crc32c());
    if (messages.isEmpty()) {
      request.setNamespace(namespace);
    }
    StoreRequest before = request.build();
    return OutgoingMessage.wrap(
        out -> {
          before.writeTo(out);
          OutgoingMessage.writeTag(StoreRequest.PAYLOAD_FIELD_NUMBER, item.payload(), out);
        },
        item.payload(),
        (crc32c, out) -> {});
  }

  /**
   * @return whether there is more to come
   */
  private boolean take(
      Answers.Event<StoreResponse> event, ClientCall<OutgoingMessage, StoreResponse> call)
      throws TransportException {
    switch (event) {
      case Answers.Event.Answer<StoreResponse>(StoreResponse result) -> {
        int index = result.getIndex();
        if (index < 0 || index >= messages.size() || results[index] != null) {
          throw broken("unexpected result " + Integer.toUnsignedString(index));
        }
        results[index] =
            new StoreResult(
                status(result.getStatus()), level(result.getAckLevel()), result.getDetail());
        answered++;
        call.request(1);
      }
      case Answers.Event.Ready<StoreResponse>() -> {
        // There is room: the next ones are sent.
      }
      case Answers.Event.End<StoreResponse>(Status status) -> {
        if (!status.isOk()) {
          throw GrpcFailures.of(WHAT, status);
        }
        return false;
      }
    }
    return true;
  }

  private static io.kveik.wire.nativev1.AckLevel code(AckLevel level) {
    return switch (level) {
      case UNSPECIFIED -> io.kveik.wire.nativev1.AckLevel.ACK_LEVEL_UNSPECIFIED;
      case MEMORY -> io.kveik.wire.nativev1.AckLevel.ACK_LEVEL_MEMORY;
      case LOCAL -> io.kveik.wire.nativev1.AckLevel.ACK_LEVEL_LOCAL;
      case SHARED -> io.kveik.wire.nativev1.AckLevel.ACK_LEVEL_SHARED;
    };
  }

  private static AckLevel level(io.kveik.wire.nativev1.AckLevel level) {
    return switch (level) {
      case ACK_LEVEL_MEMORY -> AckLevel.MEMORY;
      case ACK_LEVEL_LOCAL -> AckLevel.LOCAL;
      case ACK_LEVEL_SHARED -> AckLevel.SHARED;
      case ACK_LEVEL_UNSPECIFIED, UNRECOGNIZED -> AckLevel.UNSPECIFIED;
    };
  }

  private static StoreResult.Status status(StoreResponse.Status status) {
    return switch (status) {
      case STATUS_STORED -> StoreResult.Status.STORED;
      case STATUS_ALREADY_PRESENT -> StoreResult.Status.ALREADY_PRESENT;
      case STATUS_BUSY -> StoreResult.Status.BUSY;
      case STATUS_CHECKSUM_MISMATCH -> StoreResult.Status.CHECKSUM_MISMATCH;
      case STATUS_INVALID, STATUS_UNSPECIFIED, UNRECOGNIZED -> StoreResult.Status.INVALID;
    };
  }

  private static TransportException broken(String why) {
    return new TransportException(TransportException.Code.PROTOCOL, WHAT + ": " + why);
  }
}
