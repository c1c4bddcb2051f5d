package io.kveik.server.tier.fs;

import io.kveik.server.block.BlockKey;
import io.kveik.server.tier.BlockBuffers;
import io.kveik.server.tier.CodecTotals;
import io.kveik.server.tier.FindOutcome;
import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.PutOutcome;
import io.kveik.server.tier.StoredBlock;
import io.kveik.server.tier.TierUsage;
import io.kveik.server.tier.encoded.BodyCodec;
import io.kveik.server.tier.encoded.EncodedBody;
import io.kveik.server.tier.fs.FsBlockDescriptor.HeadCheck;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What {@link FsTier} does to the disk, in the order that makes it durable.
 *
 * <p>Any thread. A leaf directory's lock is held for the short steps that change what it holds,
 * never while a body is written or a sound one is read. I/O errors are thrown as they come; the
 * tier makes outcomes of them.
 */
final class FsStore {
  private final BlockFiles files;
  private final FsLayout layout;
  private final FsTierOptions options;
  private final LeafDirectories leaves;
  private final Removals removals;
  private final Quarantine quarantine;
  private final BodyCodec codec;
  private final BlockTransfer transfer;
  private final FsUsage usage = new FsUsage();
  private final AtomicLong temporaries = new AtomicLong();
  private final LongAdder writtenBytes = new LongAdder();

  /**
   * @param codec stays its owner's
   */
  FsStore(
      BlockFiles files,
      FsLayout layout,
      FsTierOptions options,
      Quarantine quarantine,
      BodyCodec codec) {
    this.files = files;
    this.layout = layout;
    this.options = options;
    this.quarantine = quarantine;
    this.codec = codec;
    this.transfer = new BlockTransfer(codec);
    this.leaves = new LeafDirectories(files, layout, options.fsync());
    this.removals = new Removals(files, layout, leaves, usage);
  }

  PutOutcome put(StoredBlock block) {
    try {
      if (isPresent(block.header().key())) {
        return new PutOutcome.AlreadyPresent();
      }
    } catch (IOException e) {
      return new PutOutcome.Failed(FsTier.describe("put: look up", e));
    }
    try (EncodedBody body = codec.encode(block)) {
      PutOutcome outcome = put(new FileHead(block.header(), body.encoding()), body.bytes());
      if (outcome instanceof PutOutcome.Stored) {
        codec.stored(block.header(), body);
      }
      return outcome;
    }
  }

  private PutOutcome put(FileHead head, MemorySegment body) {
    Path temporary = layout.temporary(options.nonce(), temporaries.incrementAndGet());
    String step = "write";
    try {
      try (BlockFile file = files.create(temporary)) {
        BlockTransfer.write(file, head, body);
        writtenBytes.add(FsBlockDescriptor.diskBytes(head.fileLength()));
        if (options.fsync()) {
          // Before the block gets its name: a name must never lead to bytes that a power loss can
          // take back.
          step = "sync";
          file.force();
        }
      }
      step = "publish";
      return publish(temporary, head);
    } catch (IOException e) {
      return new PutOutcome.Failed(FsTier.describe("put: " + step, e));
    } finally {
      discard(temporary);
    }
  }

  /** Blocks of disk that files of blocks took when they were written; directories are left out. */
  long writtenBytes() {
    return writtenBytes.sum();
  }

  /** Under the lock, so that what is found has been synced by whoever stored it. */
  private boolean isPresent(BlockKey key) throws IOException {
    int leaf = FsLayout.leafOf(key);
    ReentrantLock lock = leaves.lock(leaf);
    lock.lock();
    try {
      if (!(find(key) instanceof FindOutcome.Found)) {
        return false;
      }
      leaves.prepare(leaf);
      return true;
    } finally {
      lock.unlock();
    }
  }

  private PutOutcome publish(Path temporary, FileHead head) throws IOException {
    BlockKey key = head.header().key();
    int leaf = FsLayout.leafOf(key);
    Path name = layout.file(key);
    ReentrantLock lock = leaves.lock(leaf);
    lock.lock();
    try {
      leaves.prepare(leaf);
      if (!files.publish(temporary, name)) {
        return new PutOutcome.AlreadyPresent();
      }
      long diskBytes = FsBlockDescriptor.diskBytes(head.fileLength());
      usage.added(leaf, diskBytes);
      try {
        // After the name and before the answer, or a power loss could take the name back.
        leaves.force(leaf);
      } catch (IOException e) {
        // Not durable, so not stored. Where the name can't be taken back either it stays on the
        // account, and the next put of the key syncs the directory before it says AlreadyPresent.
        leaves.taken(leaf);
        files.delete(name);
        usage.removed(leaf, diskBytes);
        throw e;
      }
      return new PutOutcome.Stored();
    } catch (IOException e) {
      leaves.forget(leaf);
      throw e;
    } finally {
      lock.unlock();
    }
  }

  private void discard(Path temporary) {
    try {
      files.delete(temporary);
    } catch (IOException e) {
      // Left for the next start, which empties the directory; the outcome stands without it.
    }
  }

  GetOutcome get(BlockKey key, BlockBuffers buffers) throws IOException {
    try {
      GetOutcome first = read(key, buffers);
      if (!(first instanceof GetOutcome.Corrupt)) {
        return first;
      }
      ReentrantLock lock = leaves.lock(FsLayout.leafOf(key));
      lock.lock();
      try {
        GetOutcome second = read(key, buffers);
        return second instanceof GetOutcome.Corrupt(String reason)
            ? new GetOutcome.Corrupt(reason + quarantine(key))
            : second;
      } finally {
        lock.unlock();
      }
    } catch (NoSuchFileException e) {
      return new GetOutcome.Absent();
    }
  }

  private GetOutcome read(BlockKey key, BlockBuffers buffers) throws IOException {
    BlockFile file = files.open(layout.file(key));
    try {
      return transfer.read(file, key, buffers);
    } finally {
      closeRead(file);
    }
  }

  /**
   * Found or Absent; a file whose head is unsound is quarantined and absent, one that this version
   * can't read is absent.
   *
   * @throws IOException also where a removal that could not be made durable still can't
   */
  FindOutcome find(BlockKey key) throws IOException {
    try {
      HeadCheck first = readHead(key);
      if (!(first instanceof HeadCheck.Unsound)) {
        return found(first);
      }
      ReentrantLock lock = leaves.lock(FsLayout.leafOf(key));
      lock.lock();
      try {
        HeadCheck second = readHead(key);
        if (second instanceof HeadCheck.Unsound) {
          quarantine(key);
        }
        return found(second);
      } finally {
        lock.unlock();
      }
    } catch (NoSuchFileException e) {
      leaves.settleOwed(FsLayout.leafOf(key));
      return new FindOutcome.Absent();
    }
  }

  private static FindOutcome found(HeadCheck check) {
    return switch (check) {
      case HeadCheck.Sound(FileHead head) -> new FindOutcome.Found(head.header());
      case HeadCheck.Foreign(), HeadCheck.Unsound(_) -> new FindOutcome.Absent();
    };
  }

  private HeadCheck readHead(BlockKey key) throws IOException {
    BlockFile file = files.open(layout.file(key));
    try {
      return BlockTransfer.readHead(file, key);
    } finally {
      closeRead(file);
    }
  }

  /**
   * What was read has passed its checks, so there is nothing that a failed close could take back,
   * and an exception in place of a hit would leave its lease open.
   */
  private static void closeRead(BlockFile file) {
    try {
      file.close();
    } catch (IOException e) {
      // The descriptor is gone all the same.
    }
  }

  /** Under the leaf's lock. Returns what to add to the reason: nothing when all went well. */
  private String quarantine(BlockKey key) {
    try {
      leaves.taken(FsLayout.leafOf(key));
      quarantine.take(layout.file(key));
      // A corrupt file need not have the length that was put on the account for it.
      recount(FsLayout.leafOf(key));
      return "";
    } catch (IOException e) {
      return "; " + FsTier.describe("quarantine", e);
    }
  }

  Removals removals() {
    return removals;
  }

  /** False where a removal from the leaf could not be made durable, and still can't. */
  boolean settled(int leaf) {
    try {
      leaves.settleOwed(leaf);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Puts what the leaf directory holds now on the account. */
  void recount(int leaf) throws IOException {
    ReentrantLock lock = leaves.lock(leaf);
    lock.lock();
    try {
      LeafCount count = new LeafCount();
      files.list(
          layout.leaf(leaf),
          file -> {
            if (FsLayout.keyAt(leaf, file) != null) {
              count.add(files.size(file));
            }
          });
      usage.set(leaf, count.blocks, count.bytes);
    } finally {
      lock.unlock();
    }
  }

  private static final class LeafCount {
    private int blocks;
    private long bytes;

    void add(long fileLength) {
      blocks++;
      bytes += FsBlockDescriptor.diskBytes(fileLength);
    }
  }

  LeafWalk walk() {
    return new LeafWalk(files, layout);
  }

  BlockFiles files() {
    return files;
  }

  TierUsage usage() {
    return new TierUsage(usage.blocks(), usage.bytes(), options.capacityBytes());
  }

  CodecTotals codecTotals() {
    return codec.totals();
  }

  long quarantinedTotal() {
    return quarantine.taken();
  }
}
