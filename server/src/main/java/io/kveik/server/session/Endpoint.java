package io.kveik.server.session;

/**
 * A faster way to this server, as clients are told of it.
 *
 * @param address {@code host:port}, where an empty host is the one that gRPC was reached at, or the
 *     path of a Unix socket
 * @param tls true when a connection begins with a TLS handshake
 */
public record Endpoint(Kind kind, String address, boolean tls) {
  /** What a client speaks there. */
  public enum Kind {
    TCP,
    UNIX,
    SAME_HOST
  }
}
