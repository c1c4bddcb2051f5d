package io.kveik.client.data;

import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * How a {@link SocketTransport} uses its sockets. Immutable.
 *
 * @param connections most open at a time; one call takes one, or as many as its stripes
 * @param stripes most connections that one load is spread over
 * @param verifyChecksums false leaves the CRC32C of loaded payloads to the caller
 * @param bufferBytes socket buffer of each direction; 0: as the system sees fit
 * @param tls for TCP when the server's endpoint says so; empty for none
 */
public record SocketTransportOptions(
    int connections,
    int stripes,
    boolean verifyChecksums,
    int bufferBytes,
    Optional<SSLContext> tls) {
  private static final int DEFAULT_CONNECTIONS = 16;
  private static final int DEFAULT_STRIPES = 2;

  public SocketTransportOptions {
    if (connections < 1 || stripes < 1 || bufferBytes < 0) {
      throw new IllegalArgumentException(
          "connections=%d, stripes=%d must be at least 1, bufferBytes=%d at least 0"
              .formatted(connections, stripes, bufferBytes));
    }
  }

  public static SocketTransportOptions defaults() {
    return new SocketTransportOptions(
        DEFAULT_CONNECTIONS, DEFAULT_STRIPES, true, 0, Optional.empty());
  }

  public SocketTransportOptions withConnections(int most) {
    return new SocketTransportOptions(most, stripes, verifyChecksums, bufferBytes, tls);
  }

  public SocketTransportOptions withStripes(int most) {
    return new SocketTransportOptions(connections, most, verifyChecksums, bufferBytes, tls);
  }

  public SocketTransportOptions withVerifyChecksums(boolean verify) {
    return new SocketTransportOptions(connections, stripes, verify, bufferBytes, tls);
  }

  public SocketTransportOptions withBufferBytes(int bytes) {
    return new SocketTransportOptions(connections, stripes, verifyChecksums, bytes, tls);
  }

  public SocketTransportOptions withTls(SSLContext context) {
    return new SocketTransportOptions(
        connections, stripes, verifyChecksums, bufferBytes, Optional.of(context));
  }
}
