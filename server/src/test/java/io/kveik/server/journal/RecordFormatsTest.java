package io.kveik.server.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.block.TtlKind;
import io.kveik.server.cache.KeptSetting;
import io.kveik.server.cache.KeptSetting.Subject;
import io.kveik.server.cache.KeptSetting.Value;
import io.kveik.server.cache.OwedRemoval;
import io.kveik.server.tier.TestBlocks;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Records are what docs/formats.md says, and nothing else is taken for one. */
class RecordFormatsTest {
  private final DeletionRecordDescriptor deletions = new DeletionRecordDescriptor();
  private final SettingRecordDescriptor settings = new SettingRecordDescriptor();

  private static <T> ByteBuffer encoded(RecordFormat<T> format, T entry) {
    ByteBuffer record = ByteBuffer.allocate(format.length());
    format.encode(entry, record);
    return record.flip();
  }

  @Test
  void removalsAreOfTheDocumentedLayout() {
    ByteBuffer record =
        encoded(deletions, new OwedRemoval.OfNamespace("fs", new Fingerprint(1, 2, 3, 4), 5));
    assertThat(record.getInt(0)).isEqualTo(0x4B56444C);
    assertThat(record.getShort(4)).isEqualTo((short) 1);
    assertThat(record.get(6)).isEqualTo((byte) 2);
    assertThat(record.get(7)).isEqualTo((byte) 2);
    assertThat(record.get(8)).isEqualTo((byte) 'f');
    assertThat(record.getLong(24)).isEqualTo(5);
    assertThat(record.getLong(56)).isEqualTo(4);
    assertThat(record.getLong(64)).isZero();
    assertThat(deletions.decode(record.duplicate().limit(103))).isEmpty();
  }

  @Test
  void removalsComeBack() {
    SplittableRandom random = new SplittableRandom(TestBlocks.seed("RecordFormatsTest"));
    for (String tier : List.of("fs", "sixteen-letters-")) {
      Fingerprint namespace = new Fingerprint(random.nextLong(), 2, 3, random.nextLong());
      BlockRef block = new BlockRef(namespace, new BlockKey(1, random.nextLong(), 3, 4));
      for (OwedRemoval removal :
          List.of(
              new OwedRemoval.OfNamespace(tier, namespace, random.nextLong()),
              new OwedRemoval.OfBlock(tier, block, random.nextLong()))) {
        assertThat(deletions.decode(encoded(deletions, removal))).contains(removal);
      }
    }
  }

  @Test
  void tierNamesAreBounded() {
    OwedRemoval tooLong =
        new OwedRemoval.OfNamespace("seventeen-letters", new Fingerprint(1, 2, 3, 4), 5);
    assertThatThrownBy(() -> deletions.encode(tooLong, ByteBuffer.allocate(104)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("tier name: 17 bytes, at most 16");
  }

  @Test
  void settingsAreOfTheDocumentedLayout() {
    BlockRef block = new BlockRef(new Fingerprint(1, 2, 3, 4), new BlockKey(5, 6, 7, 8));
    ByteBuffer record =
        encoded(
            settings,
            new KeptSetting(
                new Subject.OfBlock(block), new Value.Ttl(TtlKind.FIRST_USE, 9, 10), 11));
    assertThat(record.getInt(0)).isEqualTo(0x4B56534C);
    assertThat(record.getShort(4)).isEqualTo((short) 1);
    assertThat(record.get(6)).isEqualTo((byte) 1);
    assertThat(record.get(7)).isEqualTo((byte) 2);
    assertThat(record.getLong(8)).isEqualTo(11);
    for (int word = 0; word < 8; word++) {
      assertThat(record.getLong(16 + word * Long.BYTES)).isEqualTo(word + 1);
    }
    assertThat(record.getLong(80)).isEqualTo(9);
    assertThat(record.getLong(88)).isEqualTo(10);
    assertThat(record.getInt(96)).isEqualTo(0x02000000);
    assertThat(settings.decode(record.duplicate().limit(103))).isEmpty();
  }

  /** With a sound checksum, as a later version or a bug may have written them. */
  @Test
  void impossibleSettingsAreNone() {
    assertThat(with(6, (byte) 3)).isFalse();
    assertThat(with(7, (byte) 0)).isFalse();
    assertThat(with(7, (byte) 4)).isFalse();
    assertThat(with(96, (byte) 4)).isFalse();
    assertThat(with(96, (byte) -1)).isFalse();
    assertThat(with(5, (byte) 2)).isFalse();
    assertThat(with(96, (byte) 3)).isTrue();
  }

  /** Whether the record of a priority is one with that byte changed. */
  private boolean with(int at, byte value) {
    ByteBuffer record =
        encoded(
            settings,
            new KeptSetting(
                new Subject.OfNamespace(new Fingerprint(1, 2, 3, 4)), new Value.Priority(1), 2));
    record.put(at, value);
    record.putInt(100, RecordFormat.crc(record, 100));
    return settings.decode(record).isPresent();
  }
}
