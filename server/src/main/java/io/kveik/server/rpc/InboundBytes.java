package io.kveik.server.rpc;

import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.ServerTransportFilter;
import io.grpc.Status;
import io.kveik.wire.nativev1.BlockControlGrpc;
import io.kveik.wire.nativev1.BlockStoreGrpc;
import io.kveik.wire.v1.KVStoreServiceGrpc;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the memory that requests take while they arrive and wait to be handled: all together, a
 * quarter of that for any one connection, and per message what its method can need. gRPC returns
 * flow control while it gathers a message, so without this a client with two hundred half-sent
 * messages holds two hundred times the largest one.
 *
 * <p>A stream that goes over is reset with a text that names the limit. Event loops only; the
 * counts may be read by any thread.
 */
final class InboundBytes extends ServerStreamTracer.Factory {
  private static final int SHARE_OF_ONE = 4;
  private static final int LOOKUP_MESSAGE_BYTES = 24 * 1024 * 1024;
  private static final int MAX_TOKEN_BYTES = 6;
  private static final int OTHER_MESSAGE_BYTES = 64 * 1024;

  /** What an id takes on the wire at most, with its range and its tags. */
  private static final int ID_BYTES = 88;

  /** Which of a call's bytes it holds on to. */
  private enum Hold {
    /** Its messages are small and handled at once. */
    NOTHING,
    /** One message at a time: the next is asked for when the last has been handled. */
    LAST,
    /** All, to its end. */
    ALL
  }

  private record Bounds(int messageBytes, Hold hold) {}

  private static final Bounds OTHER = new Bounds(OTHER_MESSAGE_BYTES, Hold.NOTHING);

  private static final Attributes.Key<AtomicLong> CONNECTION =
      Attributes.Key.create("inbound bytes");

  private final long limitBytes;
  private final Map<String, Bounds> bounds;
  private final AtomicLong total = new AtomicLong();
  private final LongAdder refused = new LongAdder();

  /**
   * @param limitBytes for all connections together
   * @param writeMessageBytes largest Write, and largest block in a Store
   * @param maxIds most ids in a Match, a Prefetch, a Load or a selector
   * @param maxTokens most tokens in a Match, a Prefetch or a selector
   */
  InboundBytes(long limitBytes, int writeMessageBytes, int maxIds, int maxTokens) {
    this.limitBytes = limitBytes;
    int idsBytes = OTHER_MESSAGE_BYTES + ID_BYTES * maxIds;
    Bounds selection = new Bounds(Math.max(idsBytes, MAX_TOKEN_BYTES * maxTokens), Hold.ALL);
    Map<String, Bounds> known =
        new HashMap<>(
            Map.of(
                KVStoreServiceGrpc.getWriteMethod().getFullMethodName(),
                new Bounds(writeMessageBytes, Hold.ALL),
                KVStoreServiceGrpc.getLookupMethod().getFullMethodName(),
                new Bounds(LOOKUP_MESSAGE_BYTES, Hold.ALL),
                BlockStoreGrpc.getMatchMethod().getFullMethodName(),
                selection,
                BlockStoreGrpc.getPrefetchMethod().getFullMethodName(),
                selection,
                BlockStoreGrpc.getLoadMethod().getFullMethodName(),
                new Bounds(idsBytes, Hold.ALL),
                BlockStoreGrpc.getStoreMethod().getFullMethodName(),
                new Bounds(writeMessageBytes, Hold.LAST)));
    BlockControlGrpc.getServiceDescriptor()
        .getMethods()
        .forEach(method -> known.put(method.getFullMethodName(), selection));
    this.bounds = Map.copyOf(known);
  }

  long bytes() {
    return total.get();
  }

  long refusedCount() {
    return refused.sum();
  }

  /** Gives each connection its account. */
  ServerTransportFilter connections() {
    return new ServerTransportFilter() {
      @Override
      public Attributes transportReady(Attributes attributes) {
        return attributes.toBuilder().set(CONNECTION, new AtomicLong()).build();
      }
    };
  }

  @Override
  public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
    return new Stream(bounds.getOrDefault(fullMethodName, OTHER));
  }

  private final class Stream extends ServerStreamTracer {
    private final Bounds bounds;
    private Context.@Nullable CancellableContext context;
    private AtomicLong connection = new AtomicLong();
    private long held;
    private long message;
    private boolean closed;

    Stream(Bounds bounds) {
      this.bounds = bounds;
    }

    @Override
    public Context filterContext(Context before) {
      Context.CancellableContext own = before.withCancellation();
      context = own;
      return own;
    }

    @Override
    public synchronized void serverCallStarted(ServerCallInfo<?, ?> call) {
      AtomicLong account = call.getAttributes().get(CONNECTION);
      if (account != null) {
        account.addAndGet(held);
        connection.addAndGet(-held);
        connection = account;
      }
    }

    @Override
    public synchronized void inboundWireSize(long bytes) {
      if (closed) {
        // Of a call that was refused early; gRPC throws these bytes away.
        return;
      }
      held += bytes;
      message += bytes;
      long here = connection.addAndGet(bytes);
      long all = total.addAndGet(bytes);
      if (message > bounds.messageBytes()) {
        end("a message of more than " + bounds.messageBytes() + " bytes");
      } else if (all > limitBytes || here > limitBytes / SHARE_OF_ONE) {
        end(
            "limits.inbound-bytes: requests of "
                + all
                + " bytes are arriving or waiting, "
                + here
                + " of them on this connection; limit "
                + limitBytes
                + ", of one connection "
                + limitBytes / SHARE_OF_ONE);
      }
    }

    @Override
    public synchronized void inboundMessageRead(int number, long wireSize, long uncompressed) {
      message = 0;
      switch (bounds.hold()) {
        case NOTHING -> release(held);
        case LAST -> release(held - Math.min(held, wireSize));
        case ALL -> {}
      }
    }

    @Override
    public void streamClosed(Status status) {
      synchronized (this) {
        closed = true;
        release(held);
      }
      Context.CancellableContext own = context;
      if (own != null) {
        own.cancel(null);
      }
    }

    private void release(long bytes) {
      connection.addAndGet(-bytes);
      total.addAndGet(-bytes);
      held -= bytes;
    }

    /** gRPC resets a stream whose context ends like a deadline; for other causes it does not. */
    private void end(String reason) {
      refused.increment();
      Context.CancellableContext own = context;
      if (own != null) {
        own.cancel(new TimeoutException(reason));
      }
    }
  }
}
