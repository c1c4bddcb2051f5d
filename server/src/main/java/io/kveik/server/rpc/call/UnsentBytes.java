package io.kveik.server.rpc.call;

import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerTransportFilter;
import io.kveik.server.runtime.Clock;
import java.net.SocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the answers that clients may leave unread: all together, and a quarter of that for any one
 * connection. A client that asks for blocks and does not read them would otherwise fill the
 * server's network buffers.
 */
public final class UnsentBytes extends ServerTransportFilter implements ServerInterceptor {
  private static final int SHARE_OF_ONE = 4;
  private static final Attributes.Key<Account> ATTRIBUTE = Attributes.Key.create("unsent bytes");
  private static final Context.Key<Account> KEY = Context.key("unsent bytes");

  private final long limitBytes;
  private final Clock clock;
  private final Set<Account> accounts = ConcurrentHashMap.newKeySet();
  private final AtomicLong total = new AtomicLong();
  private final LongAdder refused = new LongAdder();

  public UnsentBytes(long limitBytes, Clock clock) {
    this.limitBytes = limitBytes;
    this.clock = clock;
  }

  /** Tells the connections that have answers waiting and have taken nothing for so long. */
  public void forEachDeaf(long nanos, Consumer<SocketAddress> close) {
    for (Account account : accounts) {
      if (account.client != null && account.deafFor(nanos)) {
        close.accept(account.client);
      }
    }
  }

  /** One connection's. */
  public final class Account {
    private final AtomicLong bytes = new AtomicLong();
    private final @Nullable SocketAddress client;
    private volatile long progressNanos = clock.nanoTime();

    Account(@Nullable SocketAddress client) {
      this.client = client;
    }

    /**
     * Takes room for an answer. The first answer on a connection always fits, however large and
     * whatever other clients have left unread: the bound is on what piles up.
     *
     * @return false when there is none
     */
    public boolean take(long more) {
      long here = bytes.addAndGet(more);
      if (here == more) {
        progressNanos = clock.nanoTime();
      }
      long all = total.addAndGet(more);
      if (here != more && (all > limitBytes || here > limitBytes / SHARE_OF_ONE)) {
        giveBack(more);
        refused.increment();
        return false;
      }
      return true;
    }

    public void giveBack(long sent) {
      bytes.addAndGet(-sent);
      total.addAndGet(-sent);
      progressNanos = clock.nanoTime();
    }

    private boolean deafFor(long nanos) {
      return bytes.get() > 0 && clock.nanoTime() - progressNanos > nanos;
    }

    public String limit() {
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
  public static Account current() {
    Account account = KEY.get();
    if (account == null) {
      throw new IllegalStateException("no interceptor has put the connection's account in place");
    }
    return account;
  }

  public long bytes() {
    return total.get();
  }

  public long refusedCount() {
    return refused.sum();
  }

  @Override
  public Attributes transportReady(Attributes attributes) {
    Account account = new Account(attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR));
    accounts.add(account);
    return attributes.toBuilder().set(ATTRIBUTE, account).build();
  }

  /**
   * The account that {@link #transportReady} put on a connection; null where it did not.
   *
   * @param attributes null, in gRPC's way, for a connection that never came so far
   */
  public @Nullable Account accountOf(@Nullable Attributes attributes) {
    return attributes == null ? null : attributes.get(ATTRIBUTE);
  }

  @Override
  public void transportTerminated(@Nullable Attributes attributes) {
    Account account = accountOf(attributes);
    if (account != null) {
      accounts.remove(account);
    }
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    Account account = accountOf(call.getAttributes());
    Context context =
        Context.current().withValue(KEY, account == null ? new Account(null) : account);
    return Contexts.interceptCall(context, call, headers, next);
  }
}
