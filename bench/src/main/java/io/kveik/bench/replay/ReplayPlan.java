package io.kveik.bench.replay;

import io.kveik.bench.run.Bounds;
import io.kveik.client.AckLevel;
import io.kveik.client.BlockScope;
import java.nio.file.Path;

/**
 * How to replay.
 *
 * @param trace the file
 * @param maxRequests how many of its requests
 * @param wire what to speak to the server
 * @param scope where the blocks go
 * @param blockBytes payload of a block
 * @param clients how many requests are worked on at a time, each over a connection of its own
 * @param writeWindow how many writes a client has in flight
 * @param speed how much faster than it happened; 0 for as fast as it goes
 * @param ack what writes wait for
 */
public record ReplayPlan(
    Path trace,
    long maxRequests,
    ReplayWire wire,
    BlockScope scope,
    int blockBytes,
    int clients,
    int writeWindow,
    double speed,
    AckLevel ack) {
  /** The smallest payload. */
  public static final int MIN_BLOCK_BYTES = 16;

  /** The largest payload. */
  public static final int MAX_BLOCK_BYTES = 64 << 20;

  /** The most clients. */
  public static final int MAX_CLIENTS = 1_024;

  /** The most writes in flight of one client. */
  public static final int MAX_WRITE_WINDOW = 1_024;

  /** The most memory for payloads in flight, over all clients. */
  public static final long MAX_WINDOW_BYTES = 2L << 30;

  /** Checks the bounds. */
  public ReplayPlan {
    Bounds.within("block-bytes", blockBytes, MIN_BLOCK_BYTES, MAX_BLOCK_BYTES);
    Bounds.within("clients", clients, 1, MAX_CLIENTS);
    Bounds.within("write-window", writeWindow, 1, MAX_WRITE_WINDOW);
    Bounds.within("limit", maxRequests, 1, Long.MAX_VALUE);
    if (!(speed >= 0 && speed <= 1e9)) {
      throw new IllegalArgumentException("speed is " + speed + ", not in 0..1e9");
    }
    long windowBytes = (long) clients * (writeWindow + 1) * blockBytes;
    if (windowBytes > MAX_WINDOW_BYTES) {
      throw new IllegalArgumentException(
          "clients * (write-window + 1) * block-bytes is %,d bytes, the limit is %,d"
              .formatted(windowBytes, MAX_WINDOW_BYTES));
    }
  }
}
