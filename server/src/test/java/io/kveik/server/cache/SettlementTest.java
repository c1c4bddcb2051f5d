package io.kveik.server.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockRef;
import io.kveik.server.memory.Slab;
import io.kveik.server.runtime.ManualTime;
import io.kveik.server.tier.BatchingTier;
import io.kveik.server.tier.BlockBuffers;
import io.kveik.server.tier.FindOutcome;
import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.KeyLockTable;
import io.kveik.server.tier.PutOutcome;
import io.kveik.server.tier.StoredBlock;
import io.kveik.server.tier.TestBlocks;
import io.kveik.server.tier.Tier;
import io.kveik.server.tier.TierUsage;
import io.kveik.server.tier.object.BlobContainer;
import io.kveik.server.tier.object.MemoryBlobStore;
import io.kveik.server.tier.object.ObjectTier;
import io.kveik.server.tier.object.TestContainers;
import java.net.URI;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a tier owes is paid, and until then it is owed. */
class SettlementTest {
  private static final BlobContainer CONTAINER =
      new BlobContainer("account", URI.create("memory:/"), "container");
  private static final BlockRef BLOCK = TestBlocks.ref(1);

  private final MemoryBlobStore store = new MemoryBlobStore();
  private final TestContainers containers = TestContainers.placingWhatIsNamed(CONTAINER);
  private final ObjectTier shared = TestContainers.tier(store, containers);
  private final Slab buffers = Slab.anonymous(1 << 20);
  private final ManualTime time = new ManualTime();
  private final OwedRemovals owed = new OwedRemovals(Journal.forgetful(), 1_000);

  @AfterEach
  void close() {
    shared.close();
    assertThat(buffers.liveLeases()).isZero();
    buffers.close();
  }

  private Settlement settlement(Tier tier) {
    return new Settlement(tier, owed, new TierHealth(time, 1_000, false), new KeyLockTable());
  }

  private void store(Tier tier, BlockRef block, long number) {
    containers.name(block.namespace());
    assertThat(TestBlocks.put(tier, buffers::allocate, number, 1, 900, 10))
        .isEqualTo(new PutOutcome.Stored());
  }

  private static OwedRemoval debt(Tier tier, BlockRef block, boolean wholeNamespace) {
    return wholeNamespace
        ? new OwedRemoval.OfNamespace(tier.name(), block.namespace(), Long.MAX_VALUE)
        : new OwedRemoval.OfBlock(tier.name(), block, Long.MAX_VALUE);
  }

  /** As after a restart, or once the cache of places has let go of the namespace. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void debtsOfANamespaceThatIsNotPlacedWaitUntilItIs(boolean wholeNamespace) {
    store(shared, BLOCK, 1);
    containers.forget(BLOCK.namespace());
    OwedRemoval debt = debt(shared, BLOCK, wholeNamespace);
    owed.note(debt);

    assertThat(settlement(shared).run(10)).isEmpty();
    assertThat(store.blobs()).hasSize(1);

    containers.name(BLOCK.namespace());
    assertThat(settlement(shared).run(10)).containsExactly(debt);
    assertThat(store.blobs()).isEmpty();
  }

  @Test
  void debtsThatWaitLeaveTheTurnToOthers() {
    store(shared, BLOCK, 1);
    for (long number = 2; number < 50; number++) {
      owed.note(debt(shared, TestBlocks.ref(number), number % 2 == 0));
    }
    OwedRemoval payable = debt(shared, BLOCK, false);
    owed.note(payable);

    assertThat(settlement(shared).run(1)).containsExactly(payable);
  }

  @Test
  void debtsOfANamespaceAreRemovedTogether() {
    FaultyTier blocks = new FaultyTier(1 << 20);
    Together tier = new Together(blocks);
    for (long id = 1; id <= 150; id++) {
      BlockHeader of = TestBlocks.header(id, 1, 0, 0);
      BlockHeader header =
          new BlockHeader(
              of.key(),
              EngineFixture.NAMESPACE,
              of.label(),
              of.parentLabel(),
              of.depth(),
              of.tokenCount(),
              of.attributesLength(),
              of.payloadLength(),
              of.attributesCrc32c(),
              of.payloadCrc32c(),
              of.writtenAtMillis(),
              of.expiresAtMillis(),
              of.priority(),
              of.elementType());
      try (StoredBlock block =
          StoredBlock.transfer(header, TestBlocks.filled(buffers::allocate, id, header))) {
        assertThat(tier.put(block)).isEqualTo(new PutOutcome.Stored());
      }
    }
    OwedRemoval debt =
        new OwedRemoval.OfNamespace(tier.name(), EngineFixture.NAMESPACE, Long.MAX_VALUE);
    owed.note(debt);

    assertThat(settlement(tier).run(10)).containsExactly(debt);
    assertThat(blocks.usage().blocks()).isZero();
    assertThat(tier.calls).isLessThanOrEqualTo(3);
    blocks.destroy();
  }

  /** Counts its removals, and makes none alone. */
  private static final class Together implements BatchingTier {
    private final FaultyTier blocks;
    private int calls;

    Together(FaultyTier blocks) {
      this.blocks = blocks;
    }

    @Override
    public Optional<Batching> batching() {
      return Optional.empty();
    }

    @Override
    public List<PutOutcome> putAll(List<StoredBlock> puts) {
      return puts.stream().map(blocks::put).toList();
    }

    @Override
    public Set<BlockRef> removeAll(Collection<BlockRef> removals) {
      calls++;
      Set<BlockRef> left = new HashSet<>(removals);
      left.removeIf(blocks::remove);
      return left;
    }

    @Override
    public String name() {
      return "together";
    }

    @Override
    public PutOutcome put(StoredBlock block) {
      return blocks.put(block);
    }

    @Override
    public GetOutcome get(BlockRef block, BlockBuffers into) {
      return blocks.get(block, into);
    }

    @Override
    public FindOutcome find(BlockRef block) {
      return blocks.find(block);
    }

    @Override
    public boolean remove(BlockRef block) {
      throw new AssertionError("removed alone");
    }

    @Override
    public boolean scan(Consumer<BlockHeader> visitor) {
      return blocks.scan(visitor);
    }

    @Override
    public TierUsage usage() {
      return blocks.usage();
    }

    @Override
    public void close() {}
  }
}
