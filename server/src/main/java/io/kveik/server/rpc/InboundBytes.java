package io.kveik.server.rpc;

import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.ServerTransportFilter;
import io.grpc.Status;
import io.kveik.wire.v1.KVStoreServiceGrpc;
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
  private static final int OTHER_MESSAGE_BYTES = 64 * 1024;
  private static final Attributes.Key<AtomicLong> CONNECTION =
      Attributes.Key.create("inbound bytes");

  private final long limitBytes;
  private final Map<String, Integer> messageLimits;
  private final AtomicLong total = new AtomicLong();
  private final LongAdder refused = new LongAdder();

  /**
   * @param limitBytes for all connections together
   * @param writeMessageBytes largest Write
   */
  InboundBytes(long limitBytes, int writeMessageBytes) {
    this.limitBytes = limitBytes;
    this.messageLimits =
        Map.of(
            KVStoreServiceGrpc.getWriteMethod().getFullMethodName(), writeMessageBytes,
            KVStoreServiceGrpc.getLookupMethod().getFullMethodName(), LOOKUP_MESSAGE_BYTES);
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
    return new Stream(messageLimits.getOrDefault(fullMethodName, OTHER_MESSAGE_BYTES));
  }

  private final class Stream extends ServerStreamTracer {
    private final int messageLimit;
    private Context.@Nullable CancellableContext context;
    private AtomicLong connection = new AtomicLong();
    private long held;
    private long message;

    Stream(int messageLimit) {
      this.messageLimit = messageLimit;
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
      held += bytes;
      message += bytes;
      long here = connection.addAndGet(bytes);
      long all = total.addAndGet(bytes);
      if (message > messageLimit) {
        end("a message of more than " + messageLimit + " bytes");
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

    /** A small message is handled at once; what a Write or Lookup holds, it holds to its end. */
    @Override
    public synchronized void inboundMessageRead(int number, long wireSize, long uncompressed) {
      message = 0;
      if (messageLimit == OTHER_MESSAGE_BYTES) {
        release();
      }
    }

    @Override
    public void streamClosed(Status status) {
      synchronized (this) {
        release();
      }
      Context.CancellableContext own = context;
      if (own != null) {
        own.cancel(null);
      }
    }

    private void release() {
      connection.addAndGet(-held);
      total.addAndGet(-held);
      held = 0;
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
