package io.kveik.client;

import io.kveik.client.codec.PayloadTransform;
import io.kveik.client.data.SocketTransportOptions;
import io.kveik.client.data.TransportKind;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;

/**
 * How a {@link BlockClient} behaves. Immutable. A deadline covers a whole call, whatever transports
 * it takes.
 *
 * @param target the server's gRPC port, as "host:port"
 * @param transports that blocks may take, at least one; sessions and matches always go over gRPC
 * @param matchDeadline of a match, and of opening a namespace
 * @param loadDeadline of a load
 * @param storeDeadline of a store
 * @param sockets connections per namespace, stripes, TLS, and for every transport whether payloads
 *     are checked against their checksums
 * @param transform what is made of payloads before they are stored; none unless asked for
 */
public record BlockClientOptions(
    String target,
    Set<TransportKind> transports,
    Duration matchDeadline,
    Duration loadDeadline,
    Duration storeDeadline,
    SocketTransportOptions sockets,
    PayloadTransform transform) {
  public BlockClientOptions {
    if (target.isBlank()) {
      throw new IllegalArgumentException("target is empty; give host:port");
    }
    if (transports.isEmpty()) {
      throw new IllegalArgumentException("transports: none, must be at least one");
    }
    checkPositive("matchDeadline", matchDeadline);
    checkPositive("loadDeadline", loadDeadline);
    checkPositive("storeDeadline", storeDeadline);
    transports = Set.copyOf(transports);
  }

  /**
   * Every transport; 1 s for a match, 30 s for a load or a store.
   *
   * @param target "host:port"
   */
  public static BlockClientOptions of(String target) {
    return new BlockClientOptions(
        target,
        EnumSet.allOf(TransportKind.class),
        Duration.ofSeconds(1),
        Duration.ofSeconds(30),
        Duration.ofSeconds(30),
        SocketTransportOptions.defaults(),
        PayloadTransform.none());
  }

  public BlockClientOptions withTransports(Set<TransportKind> allowed) {
    return new BlockClientOptions(
        target, allowed, matchDeadline, loadDeadline, storeDeadline, sockets, transform);
  }

  public BlockClientOptions withDeadlines(Duration match, Duration load, Duration store) {
    return new BlockClientOptions(target, transports, match, load, store, sockets, transform);
  }

  public BlockClientOptions withSockets(SocketTransportOptions options) {
    return new BlockClientOptions(
        target, transports, matchDeadline, loadDeadline, storeDeadline, options, transform);
  }

  /**
   * Stores payloads in fewer bytes and gives them back as they were, but for what lower precision
   * rounds off. Blocks that were stored with another transform, or none, are not found.
   */
  public BlockClientOptions withTransform(PayloadTransform payloads) {
    return new BlockClientOptions(
        target, transports, matchDeadline, loadDeadline, storeDeadline, sockets, payloads);
  }

  private static void checkPositive(String name, Duration value) {
    if (value.isNegative() || value.isZero()) {
      throw new IllegalArgumentException(name + " is " + value + ", not above zero");
    }
  }
}
