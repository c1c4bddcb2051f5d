package io.kveik.client.data.grpc;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.kveik.client.data.BlockTransport;
import io.kveik.client.data.Deadline;
import io.kveik.client.data.LoadItem;
import io.kveik.client.data.LoadResult;
import io.kveik.client.data.StoreItem;
import io.kveik.client.data.StoreResult;
import io.kveik.client.data.TransportException;
import io.kveik.client.inplace.OutgoingMessage;
import io.kveik.client.inplace.OutgoingMessageMarshaller;
import io.kveik.wire.nativev1.BlockStoreGrpc;
import io.kveik.wire.nativev1.DescribeRequest;
import io.kveik.wire.nativev1.DescribeResponse;
import io.kveik.wire.nativev1.LoadRequest;
import io.kveik.wire.nativev1.Namespace;
import io.kveik.wire.nativev1.StoreResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Blocks over the native gRPC service.
 *
 * <p>A loaded payload is copied once, from the transport's buffers to its target; a stored one too,
 * on its way to them. All calls share the channel, which stays the caller's; the server's limits
 * are asked for once, by the first call.
 */
public final class GrpcTransport implements BlockTransport {
  private static final MethodDescriptor<LoadRequest, ReceivedBlock> LOAD =
      BlockStoreGrpc.getLoadMethod().toBuilder(
              BlockStoreGrpc.getLoadMethod().getRequestMarshaller(), new ReceivedBlock.Marshaller())
          .build();
  private static final MethodDescriptor<OutgoingMessage, StoreResponse> STORE =
      BlockStoreGrpc.getStoreMethod().toBuilder(
              new OutgoingMessageMarshaller(),
              BlockStoreGrpc.getStoreMethod().getResponseMarshaller())
          .build();

  /** Bytes queued in the transport below which the next block to store is sent. */
  private static final int READY_BYTES = 4 << 20;

  private final Channel channel;
  private final Namespace namespace;
  private final boolean verifyChecksums;
  private final Set<ClientCall<?, ?>> calls = ConcurrentHashMap.newKeySet();
  private volatile @Nullable DescribeResponse limits;
  private volatile boolean closed;

  /**
   * @param channel takes messages as large as a block; callbacks only enqueue
   * @param verifyChecksums false leaves the CRC32C of loaded payloads to the caller
   */
  public GrpcTransport(Channel channel, Namespace namespace, boolean verifyChecksums) {
    this.channel = channel;
    this.namespace = namespace;
    this.verifyChecksums = verifyChecksums;
  }

  @Override
  public List<LoadResult> load(List<LoadItem> items, Duration deadline) throws TransportException {
    if (items.isEmpty()) {
      return List.of();
    }
    Deadline until = Deadline.after(deadline);
    int most = limits(until).getMaxIdsPerCall();
    List<@Nullable LoadResult> results =
        new ArrayList<>(Collections.<@Nullable LoadResult>nCopies(items.size(), null));
    try {
      for (int from = 0; from < items.size(); from += most) {
        int to = Math.min(items.size(), from + most);
        LoadCall load =
            new LoadCall(items.subList(from, to), results.subList(from, to), verifyChecksums);
        run(
            LOAD,
            CallOptions.DEFAULT,
            until,
            call -> {
              load.run(call, namespace, until);
              return to;
            });
      }
    } catch (TransportException e) {
      throw e.withAnswered(results);
    }
    List<LoadResult> all = new ArrayList<>(items.size());
    for (LoadResult result : results) {
      if (result == null) {
        throw new IllegalStateException("an item has no result");
      }
      all.add(result);
    }
    return all;
  }

  @Override
  public List<StoreResult> store(List<StoreItem> items, Duration deadline)
      throws TransportException {
    if (items.isEmpty()) {
      return List.of();
    }
    Deadline until = Deadline.after(deadline);
    long maxBlockBytes = limits(until).getMaxBlockBytes();
    List<@Nullable StoreResult> results = new ArrayList<>(items.size());
    List<StoreItem> sent = new ArrayList<>(items.size());
    for (StoreItem item : items) {
      StoreResult refusal = StoreResult.refusal(item, maxBlockBytes);
      results.add(refusal);
      if (refusal == null) {
        sent.add(item);
      }
    }
    List<StoreResult> answers = List.of();
    if (!sent.isEmpty()) {
      StoreCall store = new StoreCall(sent);
      CallOptions options =
          CallOptions.DEFAULT
              .withExecutor(OutgoingMessage::runGuarded)
              .withOnReadyThreshold(READY_BYTES);
      answers = run(STORE, options, until, call -> store.run(call, namespace, until));
    }
    List<StoreResult> all = new ArrayList<>(items.size());
    int next = 0;
    for (StoreResult refusal : results) {
      all.add(refusal != null ? refusal : answers.get(next++));
    }
    return all;
  }

  @Override
  public void close() {
    closed = true;
    calls.forEach(call -> call.cancel("the transport is closed", null));
  }

  private interface Exchange<Q, A, R> {
    R with(ClientCall<Q, A> call) throws TransportException;
  }

  private <Q, A, R> R run(
      MethodDescriptor<Q, A> method,
      CallOptions options,
      Deadline until,
      Exchange<Q, A, R> exchange)
      throws TransportException {
    ClientCall<Q, A> call =
        channel.newCall(method, options.withDeadlineAfter(until.leftNanos(), TimeUnit.NANOSECONDS));
    calls.add(call);
    try {
      checkOpen();
      return exchange.with(call);
    } catch (TransportException e) {
      checkOpen();
      throw e;
    } finally {
      calls.remove(call);
    }
  }

  private void checkOpen() throws TransportException {
    if (closed) {
      throw new TransportException(TransportException.Code.CLOSED, "the transport is closed");
    }
  }

  private DescribeResponse limits(Deadline until) throws TransportException {
    DescribeResponse known = limits;
    if (known != null) {
      return known;
    }
    checkOpen();
    try {
      DescribeResponse described =
          BlockStoreGrpc.newBlockingStub(channel)
              .withDeadlineAfter(until.leftNanos(), TimeUnit.NANOSECONDS)
              .describe(DescribeRequest.getDefaultInstance());
      if (described.getMaxIdsPerCall() < 1) {
        throw new TransportException(
            TransportException.Code.PROTOCOL,
            "Describe: max_ids_per_call: " + described.getMaxIdsPerCall() + ", must be 1 or more");
      }
      limits = described;
      return described;
    } catch (StatusRuntimeException e) {
      throw Thread.currentThread().isInterrupted()
          ? new TransportException(
              TransportException.Code.INTERRUPTED, "Describe was interrupted while it waited", e)
          : GrpcFailures.of("Describe", e.getStatus());
    }
  }
}
