package io.kveik.server.memory;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LeaseTest {

  private final Slab slab = Slab.anonymous(64 * 1024);

  @AfterEach
  void noLeaseIsLeft() {
    assertThat(slab.liveLeases()).isZero();
    assertThat(slab.stats().liveAllocations()).isZero();
    assertThat(slab.stats().freeBytes()).isEqualTo(64 * 1024 - 64);
    slab.close();
  }

  @Test
  void bytesGoBackWithTheLastLease() {
    Lease first = requireNonNull(slab.allocate(100));
    Lease second = first.retain();
    Lease third = requireNonNull(second.tryRetain());
    assertThat(slab.liveLeases()).isEqualTo(3);
    assertThat(third.segment().address()).isEqualTo(first.segment().address());

    first.close();
    third.close();
    assertThat(slab.stats().liveAllocations()).isEqualTo(1);
    assertThat(second.segment().byteSize()).isEqualTo(100);
    second.close();
    assertThat(slab.stats().liveAllocations()).isZero();
  }

  @Test
  void secondCloseDoesNothing() {
    Lease first = requireNonNull(slab.allocate(100));
    Lease second = first.retain();
    first.close();
    first.close();
    first.close();
    assertThat(slab.liveLeases()).isEqualTo(1);
    assertThat(slab.stats().liveAllocations()).isEqualTo(1);
    second.close();
    second.close();
  }

  @Test
  void closedLeaseGivesNothing() {
    Lease lease = requireNonNull(slab.allocate(100));
    lease.close();
    assertThatThrownBy(lease::segment).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(lease::retain).isInstanceOf(IllegalStateException.class);
    assertThat(lease.tryRetain()).isNull();
    assertThat(lease.lengthBytes()).isEqualTo(100);
  }

  @Test
  void tryRetainOfAClosedLeaseSucceedsWhileAnotherIsOpen() {
    Lease evicted = requireNonNull(slab.allocate(100));
    Lease reader = evicted.retain();
    evicted.close();
    assertThatThrownBy(evicted::retain).isInstanceOf(IllegalStateException.class);
    Lease late = requireNonNull(evicted.tryRetain());
    reader.close();
    assertThat(late.segment().byteSize()).isEqualTo(100);
    late.close();
    assertThat(evicted.tryRetain()).isNull();
  }

  @Test
  void aReleaseTooManyThrows() {
    Lease lease = requireNonNull(slab.allocate(100));
    lease.close();
    Allocation allocation = new Allocation(slab, 64, 0, 100);
    assertThatThrownBy(allocation::release)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("not in use");
    assertThatThrownBy(allocation::release)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("released twice");
  }
}
