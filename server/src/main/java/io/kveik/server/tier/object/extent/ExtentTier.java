package io.kveik.server.tier.object.extent;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Scheduler;
import io.kveik.server.tier.BatchingTier;
import io.kveik.server.tier.BlockBuffers;
import io.kveik.server.tier.CodecTotals;
import io.kveik.server.tier.FindOutcome;
import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.KeyLockTable;
import io.kveik.server.tier.PutOutcome;
import io.kveik.server.tier.SharedTier;
import io.kveik.server.tier.StoredBlock;
import io.kveik.server.tier.TierUsage;
import io.kveik.server.tier.encoded.BodyCodec;
import io.kveik.server.tier.encoded.BodyReader;
import io.kveik.server.tier.object.Background;
import io.kveik.server.tier.object.BlobContainer;
import io.kveik.server.tier.object.BlobContainers;
import io.kveik.server.tier.object.BlobStore;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A shared tier that lays small blocks of one namespace together into extents, in front of the tier
 * that keeps each block in a blob of its own.
 *
 * <p>Any thread. A block is in the one or the other; where servers stored it at the same time, in
 * both or in several extents, and each of these is right. A put of several blocks is one
 * conditional create; a get one fetch of a range, straight into the caller's memory; a find one of
 * a range of {@value ObjectExtentDescriptor#RECORD_HEAD_BYTES} bytes. Where blocks are is known
 * here ({@link ExtentDirectory}), so that nobody is asked. A removal takes the block out of all
 * extents in the store, whoever wrote them ({@link LineageRewriter}).
 */
public final class ExtentTier implements SharedTier, BatchingTier {
  /**
   * What extents are built on.
   *
   * @param singles keeps blocks in blobs of their own
   * @param store that it keeps them in; stays its own
   * @param where the containers are
   * @param codec what it encodes payloads with; stays its own
   */
  public record Parts(SharedTier singles, BlobStore store, BlobContainers where, BodyCodec codec) {}

  /**
   * Where what blocks on the store runs, if no caller waits for it alone.
   *
   * @param upkeep listings and rewritings: at least two threads, for learning all of a container
   *     takes one for long
   * @param tables reads of tables, and of what a put of many asks for, for which others wait: as
   *     many threads as {@link ExtentOptions#tableReads} says
   */
  public record Threads(Background upkeep, Background tables) {}

  private final SharedTier singles;
  private final BlobContainers where;
  private final ExtentOptions options;
  private final ExtentContainers containers;
  private final RecordReads reads;
  private final ExtentPuts puts;
  private final Threads threads;
  private final ExtentCounters counters = new ExtentCounters();
  private final KeyLockTable locks = new KeyLockTable();
  private volatile boolean closed;

  /**
   * Closing this closes the tier of single blocks and the threads.
   *
   * @param parts what it stands on
   * @param random any number, from any thread: names and stamps of extents
   */
  public ExtentTier(
      Parts parts,
      ExtentOptions options,
      Threads threads,
      Scheduler scheduler,
      Clock clock,
      LongSupplier random) {
    this.singles = parts.singles();
    this.where = parts.where();
    this.options = options;
    this.threads = threads;
    this.reads = new RecordReads(new BodyReader(parts.codec()));
    ParallelReads parallel = new ParallelReads(threads.tables(), options.tableReads());
    this.puts =
        new ExtentPuts(
            singles,
            reads,
            parallel,
            parts.codec(),
            options.leastBlocks(),
            counters,
            clock,
            random);
    this.containers =
        new ExtentContainers(
            parts.store(), options, counters, threads.upkeep(), parallel, scheduler, clock, random);
  }

  @Override
  public String name() {
    return singles.name();
  }

  @Override
  public Optional<Batching> batching() {
    return options.batching();
  }

  @Override
  public boolean reachable(Fingerprint namespace) {
    return singles.reachable(namespace);
  }

  /** {@inheritDoc} Until all of a container's extents are known any block may be there. */
  @Override
  public boolean mayHold(BlockRef block) {
    ContainerExtents extents = extentsOf(block.namespace());
    return (extents != null
            && (!extents.learning().learned() || extents.directory().locate(block.key()) != null))
        || singles.mayHold(block);
  }

  @Override
  public PutOutcome put(StoredBlock block) {
    if (closed) {
      return new PutOutcome.Failed("put: the tier is closed");
    }
    BlockRef ref = block.header().ref();
    try (KeyLockTable.Held _ = locks.hold(ref.key())) {
      return puts.put(extentsOf(ref.namespace()), block);
    }
  }

  /**
   * {@inheritDoc} One request, unless blocks may be there already: each of those is asked for, side
   * by side.
   *
   * @throws IllegalArgumentException for blocks of several namespaces, or more than fit
   */
  @Override
  public List<PutOutcome> putAll(List<StoredBlock> blocks) {
    if (blocks.isEmpty()) {
      return List.of();
    }
    if (blocks.stream().map(block -> block.header().namespace()).distinct().count() > 1
        || blocks.size() > ObjectExtentDescriptor.MAX_BLOCKS) {
      throw new IllegalArgumentException(
          blocks.size()
              + " blocks, must be of one namespace and at most "
              + ObjectExtentDescriptor.MAX_BLOCKS);
    }
    ContainerExtents extents = extentsOf(blocks.getFirst().header().namespace());
    if (extents == null || blocks.size() < options.leastBlocks() || closed) {
      return blocks.stream().map(this::put).toList();
    }
    try (KeyLockTable.Held _ =
        locks.hold(blocks.stream().map(block -> block.header().key()).toList())) {
      return puts.putAll(extents, blocks);
    }
  }

  @Override
  public GetOutcome get(BlockRef block, BlockBuffers buffers) {
    ContainerExtents extents = extentsOf(block.namespace());
    if (extents == null) {
      return singles.get(block, buffers);
    }
    GetOutcome inExtent = reads.get(extents, block, buffers);
    if (inExtent != null) {
      return inExtent;
    }
    GetOutcome single = singles.get(block, buffers);
    if (!(single instanceof GetOutcome.Absent) || extents.learning().learned()) {
      return single;
    }
    if (!extents.learning().awaitAtFirst(options.calls().findMillis())) {
      return new GetOutcome.Failed("get: not all extents of the container are known yet");
    }
    GetOutcome late = reads.get(extents, block, buffers);
    return late == null ? single : late;
  }

  @Override
  public FindOutcome find(BlockRef block) {
    ContainerExtents extents = extentsOf(block.namespace());
    if (extents == null) {
      return singles.find(block);
    }
    FindOutcome inExtent = reads.find(extents, block);
    if (inExtent != null) {
      return inExtent;
    }
    FindOutcome single = singles.find(block);
    if (!(single instanceof FindOutcome.Absent) || extents.learning().learned()) {
      return single;
    }
    if (!extents.learning().awaitAtFirst(options.calls().findMillis())) {
      return new FindOutcome.Failed("find: not all extents of the container are known yet");
    }
    FindOutcome late = reads.find(extents, block);
    return late == null ? single : late;
  }

  @Override
  public boolean remove(BlockRef block) {
    return removeAll(List.of(block)).isEmpty();
  }

  /**
   * {@inheritDoc} For each block one delete, as if it were alone; for each extent that has any of
   * them about five calls, and for each container one or two listings.
   */
  @Override
  public Set<BlockRef> removeAll(Collection<BlockRef> blocks) {
    try (KeyLockTable.Held _ = locks.hold(blocks.stream().map(BlockRef::key).toList())) {
      Set<BlockRef> left = new HashSet<>();
      Map<Fingerprint, Set<BlockKey>> byNamespace = new HashMap<>();
      for (BlockRef block : blocks) {
        if (!singles.remove(block)) {
          left.add(block);
        }
        byNamespace.computeIfAbsent(block.namespace(), _ -> new HashSet<>()).add(block.key());
      }
      byNamespace.forEach((namespace, keys) -> {
        ContainerExtents extents = extentsOf(namespace);
        Set<BlockKey> kept = extents == null ? keys : extents.remove(keys);
        kept.forEach(key -> left.add(new BlockRef(namespace, key)));
      });
      return left;
    }
  }

  /**
   * {@inheritDoc} What {@link io.kveik.server.tier.object.ObjectTier#scan} says, and each extent of
   * those namespaces is fetched whole. The blocks of one are told one after the other, with nothing
   * held meanwhile. Incomplete where the directory has no room for all extents.
   */
  @Override
  public boolean scan(Consumer<BlockHeader> visitor) {
    // Of a block with several copies: more of them may come up, or fewer if they are removed.
    Set<BlockRef> copiesTold = new HashSet<>();
    boolean complete =
        singles.scan(header -> {
          ContainerExtents extents = extentsOf(header.namespace());
          if (extents != null && extents.directory().locate(header.key()) != null) {
            copiesTold.add(header.ref());
          }
          visitor.accept(header);
        });
    Map<BlobContainer, Set<Fingerprint>> known =
        where.known().stream()
            .filter(namespace -> where.of(namespace).isPresent())
            .collect(
                Collectors.groupingBy(
                    namespace -> where.of(namespace).orElseThrow(), Collectors.toSet()));
    for (Map.Entry<BlobContainer, Set<Fingerprint>> one : known.entrySet()) {
      ContainerExtents extents = containers.of(one.getKey());
      complete &=
          extents != null
              && extents.learning().await(options.calls().writeMillis())
              && extents.learning().refresh(() -> closed)
              && new ExtentScan(extents, visitor, copiesTold).through(one.getValue(), () -> closed)
              && !extents.learning().partial();
    }
    return complete && !closed;
  }

  /** {@inheritDoc} Of extents all that are known here, whoever wrote them. */
  @Override
  public TierUsage usage() {
    TierUsage alone = singles.usage();
    long blocks = alone.blocks();
    long bytes = alone.bytes();
    for (ContainerExtents extents : containers.all()) {
      blocks += extents.directory().count();
      bytes += extents.directory().bytes();
    }
    return new TierUsage(blocks, bytes, alone.capacityBytes());
  }

  @Override
  public Optional<CodecTotals> codecTotals() {
    return singles.codecTotals();
  }

  public ExtentCounters counters() {
    return counters;
  }

  public ExtentStatus status() {
    return ExtentStatus.of(containers.all());
  }

  /** Bytes on the way to or from the store: 0 when nothing is going on. */
  public long liveLeases() {
    return containers.liveLeases();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    containers.close();
    singles.close();
    threads.upkeep().close();
    threads.tables().close();
    containers.closeMemory();
  }

  private @Nullable ContainerExtents extentsOf(Fingerprint namespace) {
    return where.of(namespace).map(containers::of).orElse(null);
  }
}
