package io.kveik.server.rpc;

import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerTransportFilter;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Bounds the answers that clients may leave unread: all together, and a quarter of that for any one
 * connection. A client that asks for blocks and does not read them would otherwise fill the
 * server's network buffers.
 */
final class UnsentBytes extends ServerTransportFilter implements ServerInterceptor {
  private static final int SHARE_OF_ONE = 4;
  private static final Attributes.Key<Account> ATTRIBUTE = Attributes.Key.create("unsent bytes");
  private static final Context.Key<Account> KEY = Context.key("unsent bytes");

  private final long limitBytes;
  private final AtomicLong total = new AtomicLong();
  private final LongAdder refused = new LongAdder();

  UnsentBytes(long limitBytes) {
    this.limitBytes = limitBytes;
  }

  /** One connection's. */
  final class Account {
    private final AtomicLong bytes = new AtomicLong();

    /**
     * Takes room for an answer. The first answer on a connection always fits its share, however
     * large: that bound is on what piles up.
     *
     * @return false when there is none
     */
    boolean take(long more) {
      long here = bytes.addAndGet(more);
      long all = total.addAndGet(more);
      if (all > limitBytes || (here > limitBytes / SHARE_OF_ONE && here != more)) {
        giveBack(more);
        refused.increment();
        return false;
      }
      return true;
    }

    void giveBack(long sent) {
      bytes.addAndGet(-sent);
      total.addAndGet(-sent);
    }

    String limit() {
      return "clients have left "
          + total.get()
          + " bytes of answers unread, "
          + bytes.get()
          + " of them on this connection; limit "
          + limitBytes
          + ", of one connection "
          + limitBytes / SHARE_OF_ONE;
    }
  }

  /** The account of the connection whose call is being handled. */
  static Account current() {
    Account account = KEY.get();
    if (account == null) {
      throw new IllegalStateException("no interceptor has put the connection's account in place");
    }
    return account;
  }

  long bytes() {
    return total.get();
  }

  long refusedCount() {
    return refused.sum();
  }

  @Override
  public Attributes transportReady(Attributes attributes) {
    return attributes.toBuilder().set(ATTRIBUTE, new Account()).build();
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    Account account = call.getAttributes().get(ATTRIBUTE);
    Context context = Context.current().withValue(KEY, account == null ? new Account() : account);
    return Contexts.interceptCall(context, call, headers, next);
  }
}
