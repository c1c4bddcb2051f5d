package io.kveik.server.tier.nvme;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.codec.CodecKind;
import io.kveik.server.codec.Encoding;
import io.kveik.server.tier.TestBlocks;
import io.kveik.server.tier.nvme.RecordHeader.Kind;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** Headers of records whose payload is encoded. */
class RecordDescriptorTest {
  private static final int PAYLOAD = 10_000;
  private static final int ATTRIBUTES = 9;
  private static final int STORED_LENGTH = 32;
  private static final int ENCODING = 48;
  private static final int RAW_LENGTH = ENCODING + 4;
  private static final int CRC = 252;

  private static RecordHeader record(long number) {
    BlockHeader block = TestBlocks.header(number, 1, PAYLOAD, ATTRIBUTES);
    Encoding encoding = new Encoding(CodecKind.ZSTD, 2, PAYLOAD, 6_000, 0x1234);
    return new RecordHeader(Kind.BLOCK, 11, 12 + number, 4096, encoding, block);
  }

  private static ByteBuffer sealed(ByteBuffer header) {
    CRC32C crc = new CRC32C();
    crc.update(header.duplicate().clear().limit(CRC));
    return header.putInt(CRC, (int) crc.getValue());
  }

  @Test
  void anEncodedRecordTakesTheBytesThatAreStored() {
    RecordHeader record = record(1);
    assertThat(record.storedLength()).isEqualTo(6_000 + ATTRIBUTES);
    assertThat(record.recordBytes()).isEqualTo(8_192);
    ByteBuffer bytes = RecordDescriptor.encode(record);
    assertThat(RecordDescriptor.decode(bytes, 0)).contains(record);
    assertThat(bytes.getInt(STORED_LENGTH)).isEqualTo(6_000 + ATTRIBUTES);
  }

  @Test
  void lengthsThatDisagreeAreNoRecord() {
    ByteBuffer bytes = RecordDescriptor.encode(record(1));
    bytes.putInt(STORED_LENGTH, PAYLOAD + ATTRIBUTES);
    assertThat(RecordDescriptor.decode(sealed(bytes), 0)).isEmpty();
    bytes.putInt(STORED_LENGTH, 6_000 + ATTRIBUTES).putInt(RAW_LENGTH, PAYLOAD + 1);
    assertThat(RecordDescriptor.decode(sealed(bytes), 0)).isEmpty();
    bytes.putInt(RAW_LENGTH, PAYLOAD);
    assertThat(RecordDescriptor.decode(sealed(bytes), 0)).contains(record(1));
  }

  @Test
  void aTableLeavesOutWhatALaterVersionEncoded() {
    ByteBuffer table = ByteBuffer.allocate(3 * RecordDescriptor.HEADER_BYTES);
    table.put(RecordDescriptor.encode(record(1)));
    ByteBuffer later = RecordDescriptor.encode(record(2));
    later.put(ENCODING, (byte) 2);
    table.put(sealed(later));
    table.put(RecordDescriptor.encode(record(3)));
    assertThat(TableReader.decode(table.flip())).containsExactly(record(1), record(3));
  }
}
