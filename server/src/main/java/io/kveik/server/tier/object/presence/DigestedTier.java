package io.kveik.server.tier.object.presence;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.tier.BlockBuffers;
import io.kveik.server.tier.CodecTotals;
import io.kveik.server.tier.FindOutcome;
import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.PutOutcome;
import io.kveik.server.tier.SharedTier;
import io.kveik.server.tier.StoredBlock;
import io.kveik.server.tier.TierUsage;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A shared tier with presence digests before it: tells them what happens, and answers {@link
 * #mayHold} from them. All else is the tier's.
 */
public final class DigestedTier implements SharedTier {
  private final SharedTier tier;
  private final PresenceDigests digests;

  /** Takes over both: closing this closes them, the digests first. */
  public DigestedTier(SharedTier tier, PresenceDigests digests) {
    this.tier = tier;
    this.digests = digests;
  }

  @Override
  public boolean mayHold(BlockRef block) {
    return digests.mayHold(block);
  }

  @Override
  public boolean reachable(Fingerprint namespace) {
    return tier.reachable(namespace);
  }

  @Override
  public String name() {
    return tier.name();
  }

  @Override
  public PutOutcome put(StoredBlock block) {
    try (PresenceDigests.Storing storing = digests.storing(block.header().ref())) {
      if (storing == null) {
        return new PutOutcome.Failed("put: the store did not take the mark of what is stored");
      }
      PutOutcome outcome = tier.put(block);
      switch (outcome) {
        case PutOutcome.Stored() -> digests.stored(block.header().ref());
        case PutOutcome.AlreadyPresent() -> digests.present(block.header().ref());
        case PutOutcome.Full _, PutOutcome.Failed _ -> {}
      }
      return outcome;
    }
  }

  @Override
  public GetOutcome get(BlockRef block, BlockBuffers buffers) {
    long asOf = digests.now(block.namespace());
    GetOutcome outcome = tier.get(block, buffers);
    if (outcome instanceof GetOutcome.Absent) {
      digests.absent(block, asOf);
    }
    return outcome;
  }

  @Override
  public FindOutcome find(BlockRef block) {
    long asOf = digests.now(block.namespace());
    FindOutcome outcome = tier.find(block);
    if (outcome instanceof FindOutcome.Absent) {
      digests.absent(block, asOf);
    }
    return outcome;
  }

  @Override
  public boolean remove(BlockRef block) {
    boolean removed = tier.remove(block);
    if (removed) {
      digests.removed(block);
    }
    return removed;
  }

  @Override
  public boolean scan(Consumer<BlockHeader> visitor) {
    return tier.scan(visitor);
  }

  @Override
  public TierUsage usage() {
    return tier.usage();
  }

  @Override
  public Optional<CodecTotals> codecTotals() {
    return tier.codecTotals();
  }

  @Override
  public void close() {
    digests.close();
    tier.close();
  }
}
