package io.kveik.bench.peer;

/**
 * How a peer has to be.
 *
 * @param blockBytes payload of a block
 * @param roomInBlocks how many blocks it has to hold; when more come it may evict
 * @param connections how many clients there are at a time
 * @param socket how clients reach it
 */
public record PeerSettings(int blockBytes, long roomInBlocks, int connections, SocketKind socket) {
  static final long MIB = 1 << 20;

  /** Allocators round sizes up, the most by a quarter, and keep something for themselves. */
  private static final double SLACK = 1.5;

  private static final long BASE_BYTES = 64 * MIB;
  private static final int SPARE_CONNECTIONS = 32;

  /** How clients reach a server on this machine. */
  public enum SocketKind {
    /** A port of the loopback address. */
    TCP,
    /** A Unix domain socket. */
    UNIX
  }

  /** Memory in which so many blocks fit, whatever the allocator. */
  long memoryBytes() {
    return (long) (roomInBlocks * (double) blockBytes * SLACK) + BASE_BYTES;
  }

  /** The most connections to allow. */
  int maxConnections() {
    return connections + SPARE_CONNECTIONS;
  }
}
