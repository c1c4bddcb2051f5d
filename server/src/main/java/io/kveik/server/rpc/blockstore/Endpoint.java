package io.kveik.server.rpc.blockstore;

/**
 * A faster way to this server, as clients are told of it.
 *
 * @param address {@code host:port}, where an empty host is the one that gRPC was reached at, or the
 *     path of a Unix socket
 */
public record Endpoint(Kind kind, String address, boolean tls) {
  /** What a client speaks there. */
  public enum Kind {
    TCP,
    UNIX,
    SAME_HOST
  }
}
