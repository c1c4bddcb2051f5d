package io.kveik.server.tier.object;

import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.function.Predicate;

/**
 * A vendor's object storage, reduced to what the tier needs. Every method makes <em>one</em> try
 * and blocks for at most the time it is given; retries, hedging and the circuit breaker are the
 * caller's and the same for all vendors. None throws for what the network or the store does: that
 * is an outcome. Any thread.
 *
 * <p>What is <em>not</em> promised: that a failed {@link #put} left nothing behind; that a listing
 * shows blobs put while it runs.
 */
public interface BlobStore extends AutoCloseable {
  /** Short and stable: appears in config, metrics and logs. */
  String name();

  /**
   * Makes a blob unless there is one of that name (If-None-Match: *). A reader sees all of it or
   * nothing.
   *
   * @param metadata names in lower case letters and digits, values printable ASCII, 2 KiB together
   * @param body off-heap; not used after the return
   */
  BlobOutcome.Put put(
      BlobName blob, Map<String, String> metadata, MemorySegment body, long timeoutMillis);

  /**
   * Makes or replaces a blob: for what has one writer, such as a server's own digest. {@link
   * BlobOutcome.Exists} is never the outcome.
   */
  BlobOutcome.Put replace(
      BlobName blob, Map<String, String> metadata, MemorySegment body, long timeoutMillis);

  /**
   * Fetches a whole blob into the sink's memory. After the return only the receiver of {@link
   * BlobOutcome.Fetched} has a lease on it: an implementation that can't stop its transport at once
   * keeps the lease, and its return, until it has stopped or closes the lease when it has.
   */
  BlobOutcome.Get get(BlobName blob, BlobSink sink, long timeoutMillis);

  /**
   * Fetches bytes {@code offset} to {@code offset + length} of a blob; {@link BlobFailure.Kind
   * #REFUSED} when it is shorter.
   */
  BlobOutcome.Get getRange(
      BlobName blob, long offset, long length, BlobSink sink, long timeoutMillis);

  /** Asks for a blob's length and metadata. */
  BlobOutcome.Head head(BlobName blob, long timeoutMillis);

  /** Removes a blob; one that is not there is no error. */
  BlobOutcome.Delete delete(BlobName blob, long timeoutMillis);

  /**
   * Tells the path of each blob whose path begins with the prefix, in the order of their bytes.
   *
   * @param visitor false ends the listing; what it throws ends it too and is passed on
   * @param timeoutMillis for each page of the listing
   * @return false when it broke off on a failure
   */
  boolean list(
      BlobContainer container, String prefix, Predicate<String> visitor, long timeoutMillis);

  @Override
  void close();
}
