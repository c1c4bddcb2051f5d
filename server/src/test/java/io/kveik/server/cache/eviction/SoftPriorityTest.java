package io.kveik.server.cache.eviction;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.memory.RecordMemory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SoftPriorityTest {
  @ParameterizedTest
  @EnumSource(PolicyKind.class)
  void blockIsPassedOverOnceForEachStepOfPriorityAfterEachTouch(PolicyKind kind) {
    try (RecordMemory memory = RecordMemory.open()) {
      EvictionPolicy policy = kind.apply(memory);
      insert(policy, 1, 1);
      insert(policy, 2, 0);
      assertThat(policy.victim()).isEqualTo(2);
      policy.evicted(2, 2);
      insert(policy, 3, 0);
      assertThat(policy.victim()).as("passed over once already").isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource(PolicyKind.class)
  void priorityDoesNotPinWhenNothingElseIsLeft(PolicyKind kind) {
    try (RecordMemory memory = RecordMemory.open()) {
      EvictionPolicy policy = kind.apply(memory);
      insert(policy, 1, 7);
      assertThat(policy.victim()).isEqualTo(1);
    }
  }

  private static void insert(EvictionPolicy policy, int id, int priority) {
    BlockTraits traits = new BlockTraits();
    traits.identity = id;
    traits.priority = priority;
    policy.inserted(id, traits);
  }
}
