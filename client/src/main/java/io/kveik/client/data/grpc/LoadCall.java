package io.kveik.client.data.grpc;

import com.google.protobuf.UnsafeByteOperations;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.kveik.client.data.Deadline;
import io.kveik.client.data.LoadItem;
import io.kveik.client.data.LoadResult;
import io.kveik.client.data.TransportException;
import io.kveik.client.inplace.Answers;
import io.kveik.client.inplace.Handover;
import io.kveik.client.inplace.InPlacePayload;
import io.kveik.client.inplace.Receiving;
import io.kveik.wire.nativev1.BlockRange;
import io.kveik.wire.nativev1.LoadMiss;
import io.kveik.wire.nativev1.LoadRequest;
import io.kveik.wire.nativev1.LoadedBlock;
import io.kveik.wire.nativev1.Namespace;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One Load: asks for blocks as they become ready and copies each, once, from the transport's
 * buffers to its target, on the calling thread or, one alone, where it arrives. Blocks that wait to
 * be copied are bounded in number and, reckoned by the largest target, in bytes. Used once.
 */
final class LoadCall {
  private static final int MAX_WAITING_BLOCKS = 32;
  private static final long MAX_WAITING_BYTES = 64L << 20;

  /** One is received while another is copied, however large they are. */
  private static final int MIN_WAITING_BLOCKS = 2;

  private static final String WHAT = "Load";

  private final List<LoadItem> items;
  private final List<@Nullable LoadResult> results;
  private final boolean verify;
  private int answered;

  /**
   * @param results gets a result for each item; null until then
   */
  LoadCall(List<LoadItem> items, List<@Nullable LoadResult> results, boolean verify) {
    this.items = items;
    this.results = results;
    this.verify = verify;
  }

  /** Returns when every item has its result. */
  void run(ClientCall<LoadRequest, ReceivedBlock> call, Namespace namespace, Deadline until)
      throws TransportException {
    boolean ended = false;
    try (Receiving receiving = Receiving.begin();
        Answers<ReceivedBlock> answers = new Answers<>(new Arriving(items, receiving))) {
      call.start(answers, new Metadata());
      call.request(window());
      call.sendMessage(request(namespace));
      call.halfClose();
      while (take(answers.next(until.leftNanos()))) {
        call.request(1);
      }
      ended = true;
    } catch (InterruptedException e) {
      throw GrpcFailures.interrupted(WHAT, e);
    } finally {
      if (!ended) {
        call.cancel("the caller has what it gets", null);
      }
    }
  }

  private record Arriving(List<LoadItem> items, Receiving receiving)
      implements Handover<ReceivedBlock> {
    /** One alone: of several, one is received while another is copied. */
    @Override
    public void arrived(ReceivedBlock block) {
      LoadItem item = items.getFirst();
      if (items.size() == 1 && block.payload().length() <= item.mostBytes()) {
        receiving.arrived(block.payload(), target(item, block.payload()));
      }
    }

    @Override
    public void discard(ReceivedBlock block) {
      block.close();
    }
  }

  /**
   * @return whether there is more to come
   */
  private boolean take(Answers.Event<ReceivedBlock> event) throws TransportException {
    switch (event) {
      case Answers.Event.Answer<ReceivedBlock>(ReceivedBlock block) -> {
        try (block) {
          receive(block);
        }
      }
      case Answers.Event.Ready<ReceivedBlock>() -> {
        // The one request is sent already.
      }
      case Answers.Event.End<ReceivedBlock>(Status status) -> {
        if (!status.isOk()) {
          throw GrpcFailures.of(WHAT, status);
        }
        if (answered < items.size()) {
          throw broken("it ended after %d of %d answers".formatted(answered, items.size()));
        }
        return false;
      }
    }
    return true;
  }

  private LoadRequest request(Namespace namespace) {
    LoadRequest.Builder request =
        LoadRequest.newBuilder().setNamespace(namespace).setOrder(LoadRequest.Order.ORDER_READY);
    for (LoadItem item : items) {
      request.addBlocks(
          BlockRange.newBuilder()
              .setId(UnsafeByteOperations.unsafeWrap(item.id()))
              .setOffset(item.offset())
              .setLength(item.length()));
    }
    return request.build();
  }

  private int window() {
    long largest = items.stream().mapToLong(LoadItem::mostBytes).max().orElse(0);
    return Math.clamp(
        MAX_WAITING_BYTES / Math.max(1, largest), MIN_WAITING_BLOCKS, MAX_WAITING_BLOCKS);
  }

  private void receive(ReceivedBlock block) throws TransportException {
    int index = block.message().getIndex();
    if (index < 0 || index >= items.size() || results.get(index) != null) {
      throw broken("unexpected answer " + Integer.toUnsignedString(index));
    }
    LoadResult result =
        switch (block.message().getOutcomeCase()) {
          case BLOCK -> copy(block.message().getBlock(), block.payload(), items.get(index));
          case MISS -> LoadResult.without(status(block.message().getMiss().getReason()), 0, 0);
          case OUTCOME_NOT_SET -> throw broken("answer " + index + " is empty");
        };
    results.set(index, result);
    answered++;
  }

  private LoadResult copy(LoadedBlock block, InPlacePayload payload, LoadItem item)
      throws TransportException {
    int bytes = payload.length();
    if (item.length() > 0 && bytes > item.length()) {
      throw broken("%d bytes of a block, asked for were %d".formatted(bytes, item.length()));
    }
    if (bytes == 0) {
      // This service calls the part behind a block's last byte found, the other transports don't.
      return without(LoadResult.Status.OUT_OF_RANGE, block);
    }
    if (bytes > item.room()) {
      return without(LoadResult.Status.TARGET_TOO_SMALL, block);
    }
    MemorySegment target = target(item, payload);
    if (!verify) {
      payload.copyTo(target);
    } else if (payload.copyAndChecksum(target) != block.getPayloadCrc32C()) {
      return without(LoadResult.Status.DAMAGED, block);
    }
    return new LoadResult(
        LoadResult.Status.FOUND,
        bytes,
        block.getBlockBytes(),
        block.getTokenCount(),
        block.getMetadata().toByteArray());
  }

  private static MemorySegment target(LoadItem item, InPlacePayload payload) {
    return item.target().asSlice(0, payload.length());
  }

  private static LoadResult without(LoadResult.Status status, LoadedBlock block) {
    return LoadResult.without(status, block.getBlockBytes(), block.getTokenCount());
  }

  private static LoadResult.Status status(LoadMiss.Reason reason) {
    return switch (reason) {
      case REASON_ABSENT, REASON_UNSPECIFIED, UNRECOGNIZED -> LoadResult.Status.ABSENT;
      case REASON_EXPIRED -> LoadResult.Status.EXPIRED;
      case REASON_CORRUPT -> LoadResult.Status.CORRUPT;
      case REASON_TIER_DOWN -> LoadResult.Status.TIER_DOWN;
      case REASON_OVER_BUDGET -> LoadResult.Status.OVER_BUDGET;
      case REASON_NO_MEMORY -> LoadResult.Status.NO_MEMORY;
      case REASON_OUT_OF_RANGE -> LoadResult.Status.OUT_OF_RANGE;
    };
  }

  private static TransportException broken(String why) {
    return new TransportException(TransportException.Code.PROTOCOL, WHAT + ": " + why);
  }
}
