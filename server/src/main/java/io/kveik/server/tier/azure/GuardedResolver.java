package io.kveik.server.tier.azure;

import io.netty.channel.EventLoop;
import io.netty.resolver.AddressResolver;
import io.netty.resolver.InetNameResolver;
import io.netty.resolver.InetSocketAddressResolver;
import io.netty.resolver.NameResolver;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Predicate;

/**
 * Resolves names and leaves out forbidden addresses, so that a name that is made to lead to a
 * metadata service after its registration leads nowhere.
 */
final class GuardedResolver extends DnsAddressResolverGroup {
  private final Predicate<InetAddress> forbidden;

  GuardedResolver(DnsNameResolverBuilder builder, Predicate<InetAddress> forbidden) {
    super(builder);
    this.forbidden = forbidden;
  }

  @Override
  protected AddressResolver<InetSocketAddress> newAddressResolver(
      EventLoop eventLoop, NameResolver<InetAddress> resolver) {
    return new InetSocketAddressResolver(eventLoop, new Filter(eventLoop, resolver));
  }

  private final class Filter extends InetNameResolver {
    private final NameResolver<InetAddress> resolver;

    Filter(EventExecutor executor, NameResolver<InetAddress> resolver) {
      super(executor);
      this.resolver = resolver;
    }

    @Override
    protected void doResolve(String host, Promise<InetAddress> promise) {
      resolver
          .resolveAll(host)
          .addListener(
              (Future<List<InetAddress>> found) -> pass(host, found, promise, List::getFirst));
    }

    @Override
    protected void doResolveAll(String host, Promise<List<InetAddress>> promise) {
      resolver
          .resolveAll(host)
          .addListener((Future<List<InetAddress>> found) ->
              pass(host, found, promise, addresses -> addresses));
    }

    @Override
    public void close() {
      resolver.close();
    }

    private <T> void pass(
        String host,
        Future<List<InetAddress>> found,
        Promise<T> promise,
        java.util.function.Function<List<InetAddress>, T> choice) {
      if (!found.isSuccess()) {
        promise.tryFailure(found.cause());
        return;
      }
      List<InetAddress> allowed = found.getNow().stream().filter(forbidden.negate()).toList();
      if (allowed.isEmpty()) {
        promise.tryFailure(new ForbiddenAddressException(host));
      } else {
        promise.trySuccess(choice.apply(allowed));
      }
    }
  }
}
