package io.kveik.client.data;

/** Ways for blocks, the best first. */
public enum TransportKind {
  /** Memory of the server's that this host's clients map. */
  SAME_HOST,
  /** The raw data port over a Unix socket. */
  UNIX,
  /** The raw data port over TCP. */
  TCP,
  /** The native gRPC service, which every server has. */
  GRPC
}
