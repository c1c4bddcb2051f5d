package io.kveik.server.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.memory.Slab;
import io.kveik.server.runtime.ManualTime;
import io.kveik.server.tier.BatchingTier.Batching;
import io.kveik.server.tier.StoredBlock;
import io.kveik.server.tier.TestBlocks;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What goes together, and when it goes. */
class GatheringTest {
  private static final int LARGEST = 1_000;
  private static final long WAIT_MILLIS = 50;

  private final ManualTime time = new ManualTime();
  private final Slab slab = Slab.anonymous(1 << 20);
  private final Passages passages = new Passages();
  private final List<PendingWrite> all = new ArrayList<>();
  private final List<Fingerprint> due = new ArrayList<>();
  private final Gathering gathering =
      new Gathering(Optional.of(new Batching(LARGEST, 3_000, 5, WAIT_MILLIS)), time, due::add);
  private long number;

  @AfterEach
  void close() {
    all.forEach(PendingWrite::end);
    assertThat(passages.count()).isZero();
    assertThat(slab.liveLeases()).isZero();
    slab.close();
  }

  @Test
  void aParcelIsCompleteWithBlocksOrBytesEnough() {
    for (int i = 0; i < 4; i++) {
      assertThat(gathering.add(pending(1, 10, false))).isNull();
    }
    assertThat(Objects.requireNonNull(gathering.add(pending(1, 10, false))).blocks).hasSize(5);
    assertThat(gathering.add(pending(1, 1_000, false))).isNull();
    assertThat(gathering.add(pending(1, 1_000, false))).isNull();
    Parcel full = Objects.requireNonNull(gathering.add(pending(1, 1_000, false)));
    assertThat(full.blocks).hasSize(3);
    assertThat(full.bytes()).isEqualTo(3_000);
    time.advance(2 * WAIT_MILLIS);
    assertThat(due).isEmpty();
  }

  @Test
  void blocksOfTwoNamespacesNeverShareOne() {
    for (int i = 0; i < 8; i++) {
      assertThat(gathering.add(pending(i % 2, 10, false))).isNull();
    }
    List<Parcel> parcels = gathering.takeAll();
    assertThat(parcels).hasSize(2);
    for (Parcel parcel : parcels) {
      assertThat(parcel.blocks.stream().map(one -> one.block.header().namespace()).distinct())
          .hasSize(1);
    }
  }

  @Test
  void aLargeBlockGoesAloneAtOnceAndAheadOfWhatWaits() {
    assertThat(gathering.add(pending(1, 10, false))).isNull();
    assertThat(Objects.requireNonNull(gathering.add(pending(1, LARGEST + 1, true))).blocks)
        .hasSize(1);
    assertThat(gathering.takeAll()).hasSize(1);
  }

  @Test
  void theFirstBlockWaitsNoLongerThanItMay() {
    gathering.add(pending(1, 10, false));
    time.advance(WAIT_MILLIS - 1);
    gathering.add(pending(1, 10, true));
    assertThat(due).isEmpty();
    time.advance(1);
    assertThat(due).hasSize(1);
    Parcel parcel = Objects.requireNonNull(gathering.take(due.getFirst()));
    assertThat(parcel.blocks).hasSize(2);
    assertThat(parcel.awaited).isTrue();
    assertThat(gathering.take(due.getFirst())).isNull();
  }

  @Test
  void aTierThatGathersNothingGetsEachBlockAtOnce() {
    Gathering none = new Gathering(Optional.empty(), time, due::add);
    for (int bytes : new int[] {0, 1, 100_000}) {
      assertThat(Objects.requireNonNull(none.add(pending(1, bytes, false))).blocks).hasSize(1);
    }
  }

  private PendingWrite pending(long namespace, int bytes, boolean awaited) {
    BlockHeader of = TestBlocks.header(number++, 1, bytes, 0);
    BlockHeader header =
        new BlockHeader(
            of.key(),
            new Fingerprint(namespace, 0, 0, 0),
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
            of.priority());
    StoredBlock block =
        StoredBlock.transfer(
            header, Objects.requireNonNull(slab.allocate(Math.max(1, bytes)), "slab full"));
    PendingWrite pending = new PendingWrite(block, passages.open(header.ref()), awaited);
    all.add(pending);
    return pending;
  }
}
