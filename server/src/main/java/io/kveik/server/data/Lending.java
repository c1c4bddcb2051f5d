package io.kveik.server.data;

import io.kveik.client.data.frame.BlockStatus;
import io.kveik.client.data.frame.FrameException;
import io.kveik.client.data.frame.LendBody;
import io.kveik.client.data.frame.LentBody;
import io.kveik.client.data.frame.ReleaseBody;
import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockId;
import io.kveik.server.block.BlockKey;
import io.kveik.server.cache.ReadOutcome;
import io.kveik.server.samehost.Borrower;
import io.kveik.server.samehost.LentBlock;
import io.kveik.server.session.BlockSession;
import io.kveik.server.tier.StoredBlock;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Blocks lent to one client on this host. What is in shared memory is lent as it lies; what is in
 * DRAM is copied there first; what is below starts on its way to DRAM, and the client loads it.
 *
 * <p>Guarded by the connection's sending lock, but for {@link #release}, which any thread may call.
 */
final class Lending {
  private final BlockSession session;
  private final Borrower borrower;
  private final Outbox out;

  Lending(BlockSession session, Borrower borrower, Outbox out) {
    this.session = session;
    this.borrower = borrower;
    this.out = out;
  }

  /** Answers every block of the request. */
  void lend(long requestId, LendBody wanted) throws IOException {
    for (int index = 0; index < wanted.ids().size(); index++) {
      out.lent(requestId, lend(index, BlockId.transfer(wanted.ids().get(index))));
    }
  }

  void release(byte[] body) throws FrameException {
    ReleaseBody.decode(body).leases().forEach(borrower::giveBack);
  }

  /** See {@link Borrower#end}. */
  void end(boolean clientGone) {
    borrower.end(clientGone);
  }

  private LentBody lend(int index, BlockId id) {
    BlockKey key = session.keyOf(id);
    if (!session.holds(key)) {
      borrower.forget(key);
      // A tier that has not been listed yet may have it all the same: a LOAD asks there.
      session.prefetch(id);
      return LentBody.without(index, BlockStatus.NO_ROOM);
    }
    return borrower
        .lend(key)
        .or(() -> lendCopy(id, key))
        .map(lent -> found(index, lent))
        .orElseGet(() -> LentBody.without(index, BlockStatus.NO_ROOM));
  }

  private Optional<LentBlock> lendCopy(BlockId id, BlockKey key) {
    CompletableFuture<ReadOutcome> read = session.load(id).toCompletableFuture();
    if (!read.isDone()) {
      read.thenAccept(Lending::close);
      return Optional.empty();
    }
    if (read.join() instanceof ReadOutcome.Hit(StoredBlock block, _)) {
      try (block) {
        Optional<LentBlock> lent = borrower.lendCopyOf(block);
        if (!session.holds(key)) {
          // Deleted while it was copied: nobody else is to be lent the copy.
          borrower.forget(key);
        }
        return lent;
      }
    }
    return Optional.empty();
  }

  private static void close(ReadOutcome outcome) {
    if (outcome instanceof ReadOutcome.Hit(StoredBlock block, _)) {
      block.close();
    }
  }

  private static LentBody found(int index, LentBlock lent) {
    BlockHeader header = lent.header();
    return new LentBody(
        index,
        BlockStatus.FOUND,
        lent.leaseId(),
        (int) Math.min(Integer.MAX_VALUE, lent.leaseMillis()),
        lent.segmentId(),
        lent.segmentBytes(),
        lent.offset(),
        lent.generation(),
        header.payloadLength(),
        header.attributesLength(),
        header.payloadCrc32c(),
        header.tokenCount(),
        lent.segmentPath().toString());
  }
}
