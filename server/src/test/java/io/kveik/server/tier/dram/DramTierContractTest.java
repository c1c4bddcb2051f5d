package io.kveik.server.tier.dram;

import static io.kveik.server.tier.TestBlocks.assertHit;
import static io.kveik.server.tier.TestBlocks.filled;
import static io.kveik.server.tier.TestBlocks.header;
import static io.kveik.server.tier.TestBlocks.put;
import static io.kveik.server.tier.TestBlocks.ref;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.memory.Lease;
import io.kveik.server.memory.Slab;
import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.PutOutcome;
import io.kveik.server.tier.Tier;
import io.kveik.server.tier.TierContract;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The contract, and what the memory tier adds to it. */
class DramTierContractTest extends TierContract {
  private static final long CAPACITY = 48L << 20;

  private final Slab slab = Slab.anonymous(CAPACITY);

  @Override
  protected Tier openTier() {
    return DramTier.transfer(slab);
  }

  @Override
  protected void assertNothingLeaked() {
    assertThat(slab.liveLeases()).isZero();
  }

  private DramTier dram() {
    return (DramTier) tier();
  }

  @Test
  void admitsWhatTheCallerFilled() {
    BlockHeader header = header(1, 1, 70_000, 30);
    assertThat(dram().admit(header, filled(dram(), 1, header))).isEqualTo(new PutOutcome.Stored());
    assertHit(dram().get(ref(1), bytes -> null), 1, 1);
    assertThat(slab.liveLeases()).isEqualTo(1);
  }

  @Test
  void closesTheLoser() {
    BlockHeader first = header(1, 1, 70_000, 30);
    BlockHeader second = header(1, 2, 70_000, 30);
    dram().admit(first, filled(dram(), 1, first));
    assertThat(dram().admit(second, filled(dram(), 1, second)))
        .isEqualTo(new PutOutcome.AlreadyPresent());
    assertThat(slab.liveLeases()).isEqualTo(1);
    assertHit(dram().get(ref(1), bytes -> null), 1, 1);
  }

  @Test
  void closesALeaseThatIsTooShort() {
    Lease lease = Objects.requireNonNull(dram().allocate(10));
    assertThatThrownBy(() -> dram().admit(header(1, 1, 11, 0), lease))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(slab.liveLeases()).isZero();
  }

  @Test
  void admitsNothingOnceClosed() {
    BlockHeader header = header(1, 1, 100, 0);
    Lease lease = filled(dram(), 1, header);
    dram().close();
    assertThat(dram().admit(header, lease)).isInstanceOf(PutOutcome.Failed.class);
    assertThat(dram().allocate(1)).isNull();
    assertThat(slab.liveLeases()).isZero();
  }

  @Test
  void isFullAndStaysFull() {
    int stored = 0;
    PutOutcome outcome = put(dram(), buffers::allocate, stored, 1, 1 << 20, 0);
    while (outcome instanceof PutOutcome.Stored) {
      stored++;
      outcome = put(dram(), buffers::allocate, stored, 1, 1 << 20, 0);
    }
    assertThat(outcome).isInstanceOf(PutOutcome.Full.class);
    assertThat(stored).isEqualTo(47);
    assertThat(dram().allocate(1 << 20)).isNull();
    assertThat(dram().usage().blocks()).isEqualTo(stored);
    assertThat(dram().usage().bytes()).isLessThanOrEqualTo(dram().usage().capacityBytes());
    // What is there is told from what does not fit even when full.
    assertThat(put(dram(), buffers::allocate, 0, 2, 1 << 20, 0))
        .isEqualTo(new PutOutcome.AlreadyPresent());
    dram().remove(ref(0));
    assertThat(put(dram(), buffers::allocate, 99, 1, 1 << 20, 0))
        .isEqualTo(new PutOutcome.Stored());
  }

  @Test
  void hasNoRoomForMoreThanItself() {
    assertThat(dram().allocate(CAPACITY + 1)).isNull();
    assertThat(dram().allocate(CAPACITY)).isNull();
  }

  @Test
  void memoryOfARemovedBlockIsFreeOnceItsReaderIsDone() {
    put(dram(), buffers::allocate, 1, 1, 1 << 20, 0);
    GetOutcome got = dram().get(ref(1), bytes -> null);
    dram().remove(ref(1));
    assertThat(dram().usage().bytes()).isGreaterThanOrEqualTo(1 << 20);
    assertThat(dram().usage().blocks()).isZero();
    assertHit(got, 1, 1);
    assertThat(dram().usage().bytes()).isZero();
  }

  @Test
  void readersOutliveClose() {
    put(dram(), buffers::allocate, 1, 1, 1 << 20, 0);
    GetOutcome got = dram().get(ref(1), bytes -> null);
    dram().close();
    assertHit(got, 1, 1);
  }
}
