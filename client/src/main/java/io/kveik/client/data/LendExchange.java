package io.kveik.client.data;

import io.kveik.client.data.frame.BlockStatus;
import io.kveik.client.data.frame.FrameHeader;
import io.kveik.client.data.frame.FrameType;
import io.kveik.client.data.frame.LendBody;
import io.kveik.client.data.frame.LentBody;
import io.kveik.client.data.frame.ReleaseBody;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Borrows blocks on one connection, has them read, and gives them back, batch by batch. */
final class LendExchange implements LinkPool.Exchange {
  private record Borrowed(int index, BorrowedBlock block) {}

  private final List<byte[]> ids;
  private final boolean verify;
  private final SegmentMaps maps;
  private final BlockReader reader;
  private final LoadResult.Status[] results;
  private int next;

  LendExchange(List<byte[]> ids, boolean verify, SegmentMaps maps, BlockReader reader) {
    this.ids = ids;
    this.verify = verify;
    this.maps = maps;
    this.reader = reader;
    this.results = new LoadResult.Status[ids.size()];
    Arrays.fill(results, LoadResult.Status.NO_MEMORY);
  }

  /** One for each id: found if it has been read, and what was read was the block. */
  List<LoadResult.Status> results() {
    return List.of(results);
  }

  /** Goes on where an earlier attempt has got to: no block is read twice. */
  @Override
  public void with(SocketLink link) throws IOException {
    while (next < ids.size()) {
      int from = next;
      int to = Math.min(ids.size(), from + LendBody.MAX_IDS);
      List<Borrowed> borrowed = borrow(link, from, to);
      next = to;
      borrowed.forEach(this::read);
      release(link, borrowed);
    }
  }

  private List<Borrowed> borrow(SocketLink link, int from, int to) throws IOException {
    long sentNanos = System.nanoTime();
    new LendBody(ids.subList(from, to)).encode(link.out().body(LendBody.MAX_BYTES));
    long requestId = link.nextRequestId();
    link.out().send(FrameType.LEND, requestId);
    List<Borrowed> borrowed = new ArrayList<>(to - from);
    for (int i = from; i < to; i++) {
      FrameHeader header = link.next(requestId);
      if (header.type() != FrameType.LENT || header.requestId() != requestId) {
        throw SocketLink.unexpected(header);
      }
      LentBody lent = LentBody.decode(link.in().readBody(header, LentBody.MAX_BYTES));
      if (lent.index() >= to - from) {
        throw SocketLink.unexpected(header);
      }
      if (lent.status() == BlockStatus.FOUND) {
        long endNanos = sentNanos + TimeUnit.MILLISECONDS.toNanos(lent.leaseMillis());
        borrowed.add(
            new Borrowed(from + lent.index(), new BorrowedBlock(lent, maps.of(lent), endNanos)));
      }
    }
    return borrowed;
  }

  private void read(Borrowed borrowed) {
    BorrowedBlock block = borrowed.block();
    boolean good = !verify || BorrowedBlock.matches(block.payload(), block.payloadCrc32c());
    if (good) {
      reader.read(borrowed.index(), block);
    }
    results[borrowed.index()] =
        good && block.isValid() ? LoadResult.Status.FOUND : LoadResult.Status.DAMAGED;
  }

  private static void release(SocketLink link, List<Borrowed> borrowed) throws IOException {
    if (!borrowed.isEmpty()) {
      List<Long> leases = borrowed.stream().map(one -> one.block().leaseId()).toList();
      new ReleaseBody(leases).encode(link.out().body(ReleaseBody.MAX_BYTES));
      link.out().send(FrameType.RELEASE, 0);
    }
  }
}
