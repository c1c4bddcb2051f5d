package io.kveik.server.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordsTest {
  @ParameterizedTest
  @ValueSource(ints = {4, 12, 48, 56, 8_192, 1 << 20})
  void recordsKeepWhatWasWrittenWhateverIsAllocatedAndFreedBesides(int recordBytes) {
    long seed = 7L * recordBytes;
    Random random = new Random(seed);
    int most = Math.min(30_000, (32 << 20) / recordBytes);
    try (RecordMemory memory = RecordMemory.open()) {
      Records records = memory.table(recordBytes);
      Map<Integer, Integer> model = new HashMap<>();
      for (int step = 0; step < 4 * most; step++) {
        if (model.size() < most && random.nextInt(3) > 0) {
          int id = records.allocate();
          assertThat(model).as("seed %d: a record that is in use", seed).doesNotContainKey(id);
          assertThat(id).isPositive();
          assertThat(records.getInt(id, 0)).isZero();
          assertThat(records.getInt(id, recordBytes - 4)).isZero();
          records.setInt(id, 0, step);
          records.setInt(id, recordBytes - 4, step);
          model.put(id, step);
        } else if (!model.isEmpty()) {
          int id = model.keySet().iterator().next();
          assertThat(records.getInt(id, 0)).as("seed %d", seed).isEqualTo(model.remove(id));
          records.free(id);
        }
      }
      model.forEach((id, value) -> {
        assertThat(records.getInt(id, 0)).isEqualTo(value);
        assertThat(records.getInt(id, recordBytes - 4)).isEqualTo(value);
      });
      assertThat(memory.usedBytes()).isEqualTo((long) records.highest() * recordBytes);
      assertThat(records.highest()).isLessThanOrEqualTo(most);
    }
  }

  @Test
  void afterTheCloseNothingIsChangedAndReadingHarmsNobody() {
    RecordMemory memory = RecordMemory.open();
    Records records = memory.table(8);
    int id = records.allocate();
    records.setLongRelease(id, 0, 42);
    long address = records.address(id);
    assertThat(Records.getLongAcquire(address)).isEqualTo(42);
    assertThat(Records.peek(new long[] {address}, 1, 0)).isEqualTo(42);
    memory.close();
    // What is read means nothing, but reading is no crash; on Linux it is zero.
    assertThat(Records.longAt(address)).isIn(0L, 42L);
    assertThat(Records.getLongAcquire(address)).isEqualTo(Records.longAt(address));
    assertThat(Records.peek(new long[] {address}, 1, 0)).isEqualTo(Records.longAt(address));
    assertThat(records.getLong(id, 0)).isEqualTo(Records.longAt(address));
    assertThatThrownBy(() -> records.setLong(id, 0, 1)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> records.setLongRelease(id, 0, 1))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> records.setInt(id, 0, 1)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> records.clear(id)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> records.free(id)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(records::allocate).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> memory.reserve(1 << 22)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> memory.table(8)).isInstanceOf(IllegalStateException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {-4, 0, 2, 6, (1 << 20) + 4})
  void impossibleLengthsAreRefused(int recordBytes) {
    try (RecordMemory memory = RecordMemory.open()) {
      assertThatThrownBy(() -> memory.table(recordBytes))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("recordBytes=" + recordBytes);
    }
  }
}
