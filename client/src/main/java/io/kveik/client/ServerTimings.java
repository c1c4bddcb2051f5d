package io.kveik.client;

/**
 * Where the server says that it spent its time on one call.
 *
 * @param storageMicros in the storage tiers
 * @param totalMicros in all
 * @param overheadMicros total less storage
 */
public record ServerTimings(long storageMicros, long totalMicros, long overheadMicros) {
  /** What stands in where no server answered. */
  public static final ServerTimings NONE = new ServerTimings(0, 0, 0);
}
