package io.kveik.server.tier.object.extent;

import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.memory.Lease;
import io.kveik.server.runtime.Clock;
import io.kveik.server.tier.BlockChecks;
import io.kveik.server.tier.FindOutcome;
import io.kveik.server.tier.PutOutcome;
import io.kveik.server.tier.SharedTier;
import io.kveik.server.tier.StoredBlock;
import io.kveik.server.tier.encoded.BodyCodec;
import io.kveik.server.tier.encoded.EncodedBody;
import io.kveik.server.tier.object.BlobFailure;
import io.kveik.server.tier.object.BlobHead;
import io.kveik.server.tier.object.BlobOutcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How blocks are stored: several as a new extent, others in blobs of their own, none that is there
 * already. Called under the locks of their keys, on any thread; blocks for as long as the store
 * takes.
 */
final class ExtentPuts {
  private final SharedTier singles;
  private final RecordReads reads;
  private final ParallelReads parallel;
  private final BodyCodec codec;
  private final int leastBlocks;
  private final ExtentCounters counters;
  private final Clock clock;
  private final LongSupplier random;

  /**
   * @param singles keeps blocks in blobs of their own
   * @param parallel asks for what may be there already
   * @param leastBlocks fewer go alone
   */
  ExtentPuts(
      SharedTier singles,
      RecordReads reads,
      ParallelReads parallel,
      BodyCodec codec,
      int leastBlocks,
      ExtentCounters counters,
      Clock clock,
      LongSupplier random) {
    this.singles = singles;
    this.reads = reads;
    this.parallel = parallel;
    this.codec = codec;
    this.leastBlocks = leastBlocks;
    this.counters = counters;
    this.clock = clock;
    this.random = random;
  }

  /** Puts a block that goes alone. */
  PutOutcome put(@Nullable ContainerExtents extents, StoredBlock block) {
    return extents != null && isInExtent(extents, block.header().ref())
        ? new PutOutcome.AlreadyPresent()
        : singles.put(block);
  }

  /**
   * Puts blocks of one namespace in one request. Those that may be there already are asked for
   * first, side by side; where too few are left, they go alone.
   *
   * @return what became of each, in their order
   */
  List<PutOutcome> putAll(ContainerExtents extents, List<StoredBlock> blocks) {
    @Nullable PutOutcome[] outcomes = refusals(blocks);
    askForThose(extents, blocks, outcomes);
    List<StoredBlock> wanted =
        IntStream.range(0, outcomes.length)
            .filter(i -> outcomes[i] == null)
            .mapToObj(blocks::get)
            .toList();
    PutOutcome together = pack(extents, wanted);
    for (int i = 0; i < outcomes.length; i++) {
      if (outcomes[i] == null) {
        outcomes[i] = together == null ? put(extents, blocks.get(i)) : together;
      }
    }
    return Arrays.stream(outcomes).map(Objects::requireNonNull).toList();
  }

  /** What needs no store to be told; null for the others. */
  private static @Nullable PutOutcome[] refusals(List<StoredBlock> blocks) {
    @Nullable PutOutcome[] outcomes = new @Nullable PutOutcome[blocks.size()];
    Set<BlockKey> keys = new HashSet<>();
    for (int i = 0; i < outcomes.length; i++) {
      String refusal = BlockChecks.refusal(blocks.get(i));
      if (refusal != null) {
        outcomes[i] = new PutOutcome.Failed("put: " + refusal);
      } else if (!keys.add(blocks.get(i).header().key())) {
        outcomes[i] = new PutOutcome.AlreadyPresent();
      }
    }
    return outcomes;
  }

  private void askForThose(
      ContainerExtents extents, List<StoredBlock> blocks, @Nullable PutOutcome[] outcomes) {
    ParallelReads.Batch questions = parallel.begin();
    for (int i = 0; i < outcomes.length; i++) {
      BlockRef block = blocks.get(i).header().ref();
      int index = i;
      if (outcomes[i] == null && mayBePresent(extents, block)) {
        questions.start(() -> {
          if (isPresent(extents, block)) {
            outcomes[index] = new PutOutcome.AlreadyPresent();
          }
        });
      }
    }
    questions.await();
  }

  /** As far as is known here. */
  private boolean mayBePresent(ContainerExtents extents, BlockRef block) {
    return extents.directory().locate(block.key()) != null || singles.mayHold(block);
  }

  private boolean isPresent(ContainerExtents extents, BlockRef block) {
    return isInExtent(extents, block)
        || (singles.mayHold(block) && singles.find(block) instanceof FindOutcome.Found);
  }

  /**
   * Asks the store, since another server may have removed the block from what is known here. Where
   * that can't be told it is stored once more: each copy is right.
   */
  private boolean isInExtent(ContainerExtents extents, BlockRef block) {
    return reads.find(extents, block) instanceof FindOutcome.Found;
  }

  /** Stores blocks in one extent; null when they must go alone. */
  private @Nullable PutOutcome pack(ContainerExtents extents, List<StoredBlock> blocks) {
    if (blocks.size() < leastBlocks || !extents.directory().hasRoom(blocks.size())) {
      return null;
    }
    long bodyBytes = blocks.stream().mapToLong(block -> block.header().bodyLength()).sum();
    Lease lease =
        extents.blobs().allocate(ObjectExtentDescriptor.bytesFor(blocks.size(), bodyBytes));
    if (lease == null) {
      return null;
    }
    try (lease) {
      Fingerprint namespace = blocks.getFirst().header().namespace();
      long now = clock.wallMillis();
      ExtentName name = ExtentName.first(now, namespace, random.getAsLong());
      ExtentBuilder builder = new ExtentBuilder(name, random.getAsLong(), blocks.size(), lease);
      List<EncodedBody> bodies = new ArrayList<>();
      for (StoredBlock block : blocks) {
        try (EncodedBody body = codec.encode(block)) {
          builder.add(new BlobHead(block.header(), body.encoding()), body.bytes());
          bodies.add(body);
        }
      }
      Extent extent = builder.seal(now);
      return switch (extents.blobs().put(name, builder.blob())) {
        // Nobody else uses the random name: where it exists, an earlier try went through.
        case BlobOutcome.Created _, BlobOutcome.Exists _ -> {
          extents.directory().adopt(extent);
          for (int i = 0; i < bodies.size(); i++) {
            codec.stored(blocks.get(i).header(), bodies.get(i));
          }
          counters.packedBlocks.add(bodies.size());
          yield new PutOutcome.Stored();
        }
        case BlobOutcome.Failed(BlobFailure failure) ->
            new PutOutcome.Failed("put: " + failure.reason());
      };
    }
  }
}
