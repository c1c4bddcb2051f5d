package io.kveik.server.data;

/**
 * A way to the data port, for clients.
 *
 * @param address host:port, the host empty for that of gRPC; or the socket's path
 * @param tls true when a connection begins with a TLS handshake
 */
public record Endpoint(Kind kind, String address, boolean tls) {
  /** What kind of socket it is. */
  public enum Kind {
    TCP,
    UNIX
  }
}
