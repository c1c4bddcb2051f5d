package io.kveik.client.data;

import java.lang.foreign.MemorySegment;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Blocks of a server on this host, read in the server's own memory: it lends them over its Unix
 * socket, this process maps the memory for reading, and nothing is copied on the way.
 *
 * <p>{@link #borrow} gives the bytes where they lie. {@link #load} copies them once, into the
 * caller's memory. What the server can't lend is loaded over the socket; stores always go over it.
 *
 * <p>Leases last no longer than a call. They end with the connection, so a process that is killed
 * leaves none. The server must run as the same user.
 */
public final class SameHostTransport implements BlockTransport {
  private final SocketTransport socket;
  private final LinkPool links;
  private final SocketTransportOptions options;
  private final SegmentMaps maps = new SegmentMaps();

  private SameHostTransport(Path path, SocketTransportOptions options, TicketSource tickets) {
    this.socket = SocketTransport.unix(path, options, tickets);
    this.links = new LinkPool(UnixDomainSocketAddress.of(path), options, tickets);
    this.options = options;
  }

  /** Over the server's Unix socket; connects when it is first used. */
  public static SameHostTransport open(
      Path socket, SocketTransportOptions options, TicketSource tickets) {
    return new SameHostTransport(socket, options, tickets);
  }

  /**
   * Has blocks read where the server has them. Their checksums are verified first, unless the
   * options say not to.
   *
   * @param ids each 16 to 64 bytes
   * @param deadline for all of them and their reading, from now
   * @return one status for each id. Found: the reader has read the block. Damaged: what the reader
   *     may have read was not the block, or its lease ended meanwhile. No memory: the server can't
   *     lend it, {@link #load} may bring it
   * @throws TransportException when the transport failed; some blocks may have been read
   */
  public List<LoadResult.Status> borrow(List<byte[]> ids, Duration deadline, BlockReader reader)
      throws TransportException {
    ids.forEach(id -> Ids.check("id", id));
    return lend(ids, options.verifyChecksums(), Deadline.after(deadline), reader);
  }

  @Override
  public List<LoadResult> load(List<LoadItem> items, Duration deadline) throws TransportException {
    Deadline until = Deadline.after(deadline);
    LoadResult[] results = new LoadResult[items.size()];
    List<LoadResult.Status> lent =
        lend(
            items.stream().map(LoadItem::id).toList(),
            false,
            until,
            (index, block) -> results[index] = copy(items.get(index), block));
    List<Integer> others = new ArrayList<>();
    for (int i = 0; i < results.length; i++) {
      if (lent.get(i) != LoadResult.Status.FOUND) {
        others.add(i);
      }
    }
    if (!others.isEmpty()) {
      loadOthers(items, others, results, until);
    }
    return List.of(results);
  }

  /** What could not be lent, over the socket. */
  private void loadOthers(
      List<LoadItem> items, List<Integer> others, @Nullable LoadResult[] results, Deadline until)
      throws TransportException {
    others.forEach(i -> results[i] = null);
    try {
      place(socket.load(others.stream().map(items::get).toList(), until.left()), others, results);
    } catch (TransportException e) {
      place(e.answered(), others, results);
      throw e.withAnswered(Arrays.asList(results));
    }
  }

  private static void place(
      List<? extends @Nullable LoadResult> loaded,
      List<Integer> places,
      @Nullable LoadResult[] results) {
    for (int i = 0; i < loaded.size(); i++) {
      results[places.get(i)] = loaded.get(i);
    }
  }

  @Override
  public List<StoreResult> store(List<StoreItem> items, Duration deadline)
      throws TransportException {
    return socket.store(items, deadline);
  }

  @Override
  public Optional<byte[]> match(byte[] request, Duration deadline) throws TransportException {
    return socket.match(request, deadline);
  }

  /** Ends what is going on; waits for nobody who still reads a borrowed block. */
  @Override
  public void close() {
    links.close();
    socket.close();
    maps.close();
  }

  private List<LoadResult.Status> lend(
      List<byte[]> ids, boolean verify, Deadline deadline, BlockReader reader)
      throws TransportException {
    LendExchange exchange = new LendExchange(ids, verify, maps, reader);
    if (!ids.isEmpty()) {
      links.run(deadline, exchange);
    }
    return exchange.results();
  }

  /** The checksum is taken of the copy: it is that which must be right, and it is in the cache. */
  private LoadResult copy(LoadItem item, BorrowedBlock block) {
    int rest = block.payloadBytes() - item.offset();
    int length = item.length() == 0 ? rest : item.length();
    if (rest <= 0 || length > rest) {
      return LoadResult.without(
          LoadResult.Status.OUT_OF_RANGE, block.payloadBytes(), block.tokenCount());
    }
    if (length > item.room()) {
      return LoadResult.without(
          LoadResult.Status.TARGET_TOO_SMALL, block.payloadBytes(), block.tokenCount());
    }
    MemorySegment target = item.target().asSlice(0, length);
    MemorySegment.copy(block.payload(), item.offset(), target, 0, length);
    boolean whole = length == block.payloadBytes();
    if (options.verifyChecksums()
        && whole
        && !BorrowedBlock.matches(target, block.payloadCrc32c())) {
      return LoadResult.without(
          LoadResult.Status.DAMAGED, block.payloadBytes(), block.tokenCount());
    }
    return new LoadResult(
        LoadResult.Status.FOUND,
        length,
        block.payloadBytes(),
        block.tokenCount(),
        block.metadata());
  }
}
