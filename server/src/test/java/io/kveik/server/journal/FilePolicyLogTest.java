package io.kveik.server.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kveik.server.block.Fingerprint;
import io.kveik.server.cache.eviction.PolicyKind;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was recorded last is there after a restart; what was damaged is passed over. */
class FilePolicyLogTest {
  private static final PolicyKind[] KINDS = PolicyKind.values();

  @TempDir Path directory;

  private Path file() {
    return directory.resolve("policies");
  }

  private static Fingerprint namespace(long number) {
    return new Fingerprint(number, ~number, 3, number * number);
  }

  private static Map<Fingerprint, PolicyKind> policies(int count) {
    Map<Fingerprint, PolicyKind> policies = new HashMap<>();
    for (int i = 0; i < count; i++) {
      policies.put(namespace(i), KINDS[i % KINDS.length]);
    }
    return policies;
  }

  @Test
  void keepsWhatWasRecordedLast() throws IOException {
    FilePolicyLog log = FilePolicyLog.open(file());
    assertThat(log.recovered()).isEmpty();
    log.rewrite(policies(300));
    assertThat(FilePolicyLog.open(file()).recovered()).isEqualTo(policies(300));
    log.rewrite(policies(7));
    FilePolicyLog again = FilePolicyLog.open(file());
    assertThat(again.recovered()).isEqualTo(policies(7));
    assertThat(again.damaged()).isZero();
    log.rewrite(Map.of());
    assertThat(FilePolicyLog.open(file()).recovered()).isEmpty();
  }

  @Test
  void everyDamagedByteCostsItsRecordAlone() throws IOException {
    FilePolicyLog.open(file()).rewrite(policies(3));
    for (int at = 0; at < 3 * PolicyRecordDescriptor.LENGTH; at++) {
      flip(at);
      FilePolicyLog log = FilePolicyLog.open(file());
      assertThat(log.damaged()).as("byte %d", at).isEqualTo(1);
      assertThat(log.recovered()).hasSize(2);
      assertThat(policies(3)).containsAllEntriesOf(log.recovered());
      flip(at);
    }
  }

  @Test
  void halfARecordIsDamaged() throws IOException {
    FilePolicyLog.open(file()).rewrite(policies(2));
    byte[] whole = Files.readAllBytes(file());
    Files.write(file(), Arrays.copyOf(whole, whole.length - 1));
    FilePolicyLog log = FilePolicyLog.open(file());
    assertThat(log.damaged()).isEqualTo(1);
    assertThat(log.recovered()).hasSize(1);
  }

  @Test
  void aFileThatIsTooLongIsRefused() throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(file().toFile(), "rw")) {
      file.setLength(100_000L * PolicyRecordDescriptor.LENGTH + 1);
    }
    assertThatThrownBy(() -> FilePolicyLog.open(file()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("4800001 bytes, at most 4800000");
  }

  private void flip(int at) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(file().toFile(), "rw")) {
      file.seek(at);
      int value = file.read();
      file.seek(at);
      file.write(value ^ 0x10);
    }
  }
}
