package io.kveik.server.tier.fs;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.tier.BatchRemovingTier;
import io.kveik.server.tier.BlockBuffers;
import io.kveik.server.tier.BlockChecks;
import io.kveik.server.tier.CodecTotals;
import io.kveik.server.tier.FindOutcome;
import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.PutOutcome;
import io.kveik.server.tier.StoredBlock;
import io.kveik.server.tier.TierUsage;
import io.kveik.server.tier.local.InFlight;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Keeps each block in a file of its own, durable when {@link #put} returns {@code Stored}.
 *
 * <p>Any thread; blocks on I/O. One process at a time, held by a lock file. A put costs a file
 * write, two syncs and a link; a get an open and one read straight into the caller's memory (of a
 * payload that is stored encoded, into memory of the caller's that is given back once it is
 * decoded); a find 160 bytes, or 188. {@link #scan} opens every file and counts every directory
 * anew.
 *
 * <p>Limits: bodies of {@link BlockChecks#MAX_BODY_BYTES}; capacity is stated, not enforced. A
 * block that fails a check is read once more with writers kept out, so that no transient fault and
 * no race with a remove and a new put condemns a good file, and is then quarantined. Several blocks
 * that are removed in one go are taken away first, then each of their directories is synced; what
 * is evicted is not synced.
 */
public final class FsTier implements BatchRemovingTier {
  private static final String CLOSED = "fs tier is closed";

  private final FsStore store;
  private final InFlight inFlight;

  FsTier(FsStore store, Runnable unlock) {
    this.store = store;
    this.inFlight = new InFlight(unlock);
  }

  /**
   * Opens the tier in a directory, made when absent, and counts what is there: one look at each
   * file's length, no file is opened.
   *
   * @param root a directory of the tier's own
   * @throws IOException when another tier has the directory open, with a message that says so, or
   *     when the directory can't be used
   */
  public static FsTier open(Path root, FsTierOptions options) throws IOException {
    return open(root, options, DiskBlockFiles.create());
  }

  static FsTier open(Path root, FsTierOptions options, BlockFiles files) throws IOException {
    return FsTierOpening.open(new FsLayout(root.toAbsolutePath()), options, files);
  }

  @Override
  public String name() {
    return "fs";
  }

  @Override
  public PutOutcome put(StoredBlock block) {
    if (!inFlight.enter()) {
      return new PutOutcome.Failed(CLOSED);
    }
    try {
      String refusal = BlockChecks.refusal(block);
      return refusal == null ? store.put(block) : new PutOutcome.Failed("put: " + refusal);
    } finally {
      inFlight.exit();
    }
  }

  @Override
  public GetOutcome get(BlockRef block, BlockBuffers buffers) {
    if (!inFlight.enter()) {
      return new GetOutcome.Failed(CLOSED);
    }
    try {
      return store.get(block.key(), buffers);
    } catch (IOException e) {
      return new GetOutcome.Failed(describe("get", e));
    } finally {
      inFlight.exit();
    }
  }

  /** {@inheritDoc} A block whose header is unsound is put in quarantine and is absent. */
  @Override
  public FindOutcome find(BlockRef block) {
    return header(block.key());
  }

  private FindOutcome header(BlockKey key) {
    if (!inFlight.enter()) {
      return new FindOutcome.Failed(CLOSED);
    }
    try {
      return store.find(key);
    } catch (IOException e) {
      return new FindOutcome.Failed(describe("find", e));
    } finally {
      inFlight.exit();
    }
  }

  /**
   * {@inheritDoc} False also when it is gone but may be back after a power loss; then nobody is
   * told that it is absent before that has been made good.
   */
  @Override
  public boolean remove(BlockRef block) {
    return removeAll(List.of(block)).isEmpty();
  }

  @Override
  public Set<BlockRef> removeAll(Collection<BlockRef> blocks) {
    if (!inFlight.enter()) {
      return Set.copyOf(blocks);
    }
    try {
      Set<BlockKey> left = store.removals().remove(blocks.stream().map(BlockRef::key).toList());
      return blocks.stream()
          .filter(block -> left.contains(block.key()))
          .collect(Collectors.toUnmodifiableSet());
    } finally {
      inFlight.exit();
    }
  }

  @Override
  public boolean evict(BlockRef block) {
    if (!inFlight.enter()) {
      return false;
    }
    try {
      store.removals().evict(block.key());
      return true;
    } catch (IOException e) {
      return false;
    } finally {
      inFlight.exit();
    }
  }

  /**
   * {@inheritDoc} Goes past what it can't read, and is false at the end when there was any. Mends
   * {@link #usage} where files changed under the tier.
   */
  @Override
  public boolean scan(Consumer<BlockHeader> visitor) {
    if (!inFlight.enter()) {
      return false;
    }
    try {
      return store.walk().walk((leaf, directory) -> scanLeaf(leaf, directory, visitor));
    } finally {
      inFlight.exit();
    }
  }

  private boolean scanLeaf(int leaf, Path directory, Consumer<BlockHeader> visitor)
      throws IOException {
    store.recount(leaf);
    boolean[] complete = {store.settled(leaf)};
    store
        .files()
        .list(
            directory,
            file -> {
              BlockKey key = FsLayout.keyAt(leaf, file);
              if (key == null) {
                return;
              }
              switch (header(key)) {
                case FindOutcome.Found(BlockHeader header) -> visitor.accept(header);
                case FindOutcome.Absent _ -> {}
                case FindOutcome.Failed _ -> complete[0] = false;
              }
            });
    return complete[0];
  }

  /**
   * {@inheritDoc} Counts each file rounded up to 4 KiB; directories and quarantine are left out.
   */
  @Override
  public TierUsage usage() {
    return store.usage();
  }

  @Override
  public OptionalLong writtenBytes() {
    return OptionalLong.of(store.writtenBytes());
  }

  @Override
  public Optional<CodecTotals> codecTotals() {
    return Optional.of(store.codecTotals());
  }

  /** Files that failed a check and were put in quarantine since the opening, by whichever call. */
  public long quarantinedTotal() {
    return store.quarantinedTotal();
  }

  /**
   * {@inheritDoc} Waits for nothing: the directory is free for others once the last call is out.
   */
  @Override
  public void close() {
    inFlight.close();
  }

  /** What was tried and what the system said to it; no paths, which are the operator's. */
  static String describe(String operation, IOException e) {
    String said = e instanceof FileSystemException refusal ? refusal.getReason() : e.getMessage();
    return operation + ": " + (said == null ? e.getClass().getSimpleName() : said);
  }
}
