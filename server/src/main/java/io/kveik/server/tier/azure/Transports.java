package io.kveik.server.tier.azure;

import com.azure.core.http.HttpClient;
import io.kveik.server.runtime.Clock;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.security.GeneralSecurityException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * One HTTP client per source address, behind their rotation. All share one TLS context, whose
 * session cache makes a connection to a known host a resumption.
 */
final class Transports implements AutoCloseable {
  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private final SourceRotation rotation;
  private final HttpClient identity;

  /**
   * @throws IOException when the trusted certificate can't be used
   */
  Transports(AzureOptions options, Clock clock) throws IOException {
    this.rotation = new SourceRotation(clock, options.limits().sourceRestMillis());
    try {
      TrustManagerFactory trust = TrustedCertificates.with(options.trustedCertificate());
      SSLContext tls = SSLContext.getInstance("TLS");
      tls.init(null, trust.getTrustManagers(), null);
      this.identity =
          opened(new JdkTransport(options.forbidding(_ -> false), tls, Optional.empty()));
      switch (options.stack()) {
        case NETTY -> addNetty(options, trust);
        case JDK -> addJdk(options, tls);
      }
    } catch (GeneralSecurityException e) {
      throw new IOException("no TLS with these certificates: " + e.getMessage(), e);
    }
  }

  HttpClient client() {
    return rotation;
  }

  /**
   * For tokens of managed and other identities: these come from other places than storage, a
   * metadata service among them, so neither the rotation nor its rules are for them.
   */
  HttpClient identity() {
    return identity;
  }

  List<SourceStatus> sources() {
    return rotation.status();
  }

  private void addNetty(AzureOptions options, TrustManagerFactory trust) throws IOException {
    SslContext tls =
        SslContextBuilder.forClient().sslProvider(SslProvider.JDK).trustManager(trust).build();
    NettyTransport.Shared shared = new NettyTransport.Shared(options, tls);
    open.push(shared);
    sources(options)
        .forEach(source -> {
          NettyTransport transport = new NettyTransport(shared, source);
          open.push(transport);
          rotation.add(name(source), transport);
        });
  }

  private void addJdk(AzureOptions options, SSLContext tls) {
    sources(options)
        .forEach(
            source -> rotation.add(name(source), opened(new JdkTransport(options, tls, source))));
  }

  private <T extends AutoCloseable> T opened(T transport) {
    open.push(transport);
    return transport;
  }

  private static Stream<Optional<InetAddress>> sources(AzureOptions options) {
    return options.sources().isEmpty()
        ? Stream.of(Optional.empty())
        : options.sources().stream().map(Optional::of);
  }

  private static String name(Optional<InetAddress> source) {
    return source.map(InetAddress::getHostAddress).orElse("any");
  }

  @Override
  public void close() {
    rotation.close();
    while (!open.isEmpty()) {
      try {
        open.pop().close();
      } catch (Exception e) {
        throw new IllegalStateException("transports don't fail to close", e);
      }
    }
  }
}
