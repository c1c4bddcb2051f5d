package io.kveik.server.tier.azure;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Limits and choices of the Azure store; each is a setting.
 *
 * @param stack what speaks HTTP
 * @param sources local addresses that connections are made from, in turn; empty: the system's
 *     choice
 * @param forbidden addresses that are never connected to, whatever a name resolves to
 * @param trustedCertificate PEM file of certificates trusted besides the platform's
 * @param createContainers make a container that is missing when a blob is put there
 * @param limits of connections and waits
 */
public record AzureOptions(
    Stack stack,
    List<InetAddress> sources,
    Predicate<InetAddress> forbidden,
    Optional<Path> trustedCertificate,
    boolean createContainers,
    Limits limits) {

  /** An HTTP implementation. */
  public enum Stack {
    /** Reactor Netty: epoll where there is one, payloads through pooled direct memory. */
    NETTY,
    /** The JDK's own client; its connections per account are as many as there are calls. */
    JDK
  }

  /**
   * @param clients accounts whose clients are kept ready
   * @param connections most connections to one account from one source address
   * @param pending calls that may wait for a connection, per account and source address
   * @param eventLoops threads that move bytes
   * @param connectMillis for a connection, TLS apart
   * @param idleMillis an unused connection is closed after this
   * @param stallMillis an answer that brings nothing for so long is given up, whoever waits
   * @param dnsCacheMillis how long an address is used without asking again
   * @param sourceRestMillis how long a source that can't connect is left out
   */
  public record Limits(
      int clients,
      int connections,
      int pending,
      int eventLoops,
      long connectMillis,
      long idleMillis,
      long stallMillis,
      long dnsCacheMillis,
      long sourceRestMillis) {}

  public AzureOptions {
    sources = List.copyOf(sources);
  }

  /** Reactor Netty from whichever address the system chooses; missing containers are made. */
  public static AzureOptions of(Limits limits) {
    return new AzureOptions(Stack.NETTY, List.of(), _ -> false, Optional.empty(), true, limits);
  }

  public AzureOptions with(Stack other) {
    return new AzureOptions(
        other, sources, forbidden, trustedCertificate, createContainers, limits);
  }

  public AzureOptions from(List<InetAddress> addresses) {
    return new AzureOptions(
        stack, addresses, forbidden, trustedCertificate, createContainers, limits);
  }

  public AzureOptions forbidding(Predicate<InetAddress> addresses) {
    return new AzureOptions(
        stack, sources, addresses, trustedCertificate, createContainers, limits);
  }

  public AzureOptions trusting(Path certificate) {
    return new AzureOptions(
        stack, sources, forbidden, Optional.of(certificate), createContainers, limits);
  }

  public AzureOptions creatingContainers(boolean create) {
    return new AzureOptions(stack, sources, forbidden, trustedCertificate, create, limits);
  }
}
