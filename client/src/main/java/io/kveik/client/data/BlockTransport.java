package io.kveik.client.data;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A way for blocks between one namespace of one server and memory of the caller's.
 *
 * <p>Any thread, many at a time; a call blocks its thread until it is over. Memory given in a call
 * is the transport's until the call returns or throws, and not touched after that, whatever
 * happened.
 *
 * <p>A block that can't be had is an answer. What is thrown is that the transport itself failed: a
 * caller goes on with another one, since loads and stores may be repeated (the first writer of an
 * id wins).
 *
 * <p>There is no implementation over RDMA. What one would have to bring: memory regions registered
 * once for the lifetime of the caller's buffers, not per call, so {@link LoadItem#target()} would
 * be slices of few large segments; a session whose OpenSession answer carries the server's queue
 * pair and the key of its slab's region; loads as requests over a reliable connection that the
 * server answers with RDMA writes into the targets and one immediate per block that carries its
 * {@link LoadResult}; stores as RDMA reads by the server. Item lists, per-item results, the
 * deadline and this class's rule on memory are all that callers know, and all that such an
 * implementation must keep.
 */
public interface BlockTransport extends AutoCloseable {
  /**
   * Loads blocks, or parts of blocks.
   *
   * @param items any number; no two targets overlap
   * @param deadline for all of them, from now
   * @return one result for each item, in their order
   * @throws TransportException when the transport failed; it knows which items were answered, and
   *     the bytes of the others' targets are arbitrary
   */
  List<LoadResult> load(List<LoadItem> items, Duration deadline) throws TransportException;

  /**
   * Stores blocks.
   *
   * @param items any number
   * @param deadline for all of them, from now
   * @return one result for each item, in their order
   * @throws TransportException when the transport failed; any of the blocks may be stored or not
   */
  List<StoreResult> store(List<StoreItem> items, Duration deadline) throws TransportException;

  /**
   * Asks how much of a chain is cached, where this transport can ask that.
   *
   * @param request a {@code kveik.v1.MatchRequest} by block ids, without its namespace
   * @param deadline from now
   * @return a {@code kveik.v1.MatchResponse}; empty when it is to be asked over gRPC
   * @throws TransportException when the transport failed
   */
  default Optional<byte[]> match(byte[] request, Duration deadline) throws TransportException {
    return Optional.empty();
  }

  /** Ends what is going on; idempotent. */
  @Override
  void close();
}
