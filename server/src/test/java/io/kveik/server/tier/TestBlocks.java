package io.kveik.server.tier;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.ElementType;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.block.TtlKind;
import io.kveik.server.memory.Crc32c;
import io.kveik.server.memory.Lease;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.SplittableRandom;

/** Blocks whose every byte follows from a few numbers, so that what comes back can be checked. */
public final class TestBlocks {
  private TestBlocks() {}

  /** The seed of randomised tests: {@code -Dkveik.seed} or a new one, printed to be replayed. */
  public static long seed(String test) {
    long seed = Long.getLong("kveik.seed", System.nanoTime());
    System.out.println(test + ": -Dkveik.seed=" + seed);
    return seed;
  }

  public static BlockKey key(long number) {
    SplittableRandom random = new SplittableRandom(number);
    return new BlockKey(random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
  }

  /** The namespace of a block: each has its own. */
  static Fingerprint namespace(long number) {
    return new Fingerprint(number, 2, 3, 4);
  }

  public static BlockRef ref(long number) {
    return new BlockRef(namespace(number), key(number));
  }

  /** What the payload of a block claims to be: each type in turn. */
  public static ElementType elementType(long number) {
    return ElementType.ofCode((int) (number % ElementType.values().length));
  }

  /** Blocks whose payloads a codec makes shorter and blocks of noise, five of each in turn. */
  public static boolean isCompressible(long number) {
    return number / ElementType.values().length % 2 == 1;
  }

  /** The body of variant {@code variant} of the block {@code number}. */
  public static byte[] body(long number, long variant, int length) {
    byte[] bytes = new byte[length];
    new SplittableRandom(number * 1_000_003 + variant).nextBytes(bytes);
    if (isCompressible(number)) {
      int width = elementType(number).widthBytes();
      int kept = width == 1 ? 1 : 3;
      for (int at = width - 1; at < length; at += width) {
        bytes[at] &= (byte) kept;
      }
    }
    return bytes;
  }

  /** The variant is the header's label. */
  public static BlockHeader header(
      long number, long variant, int payloadLength, int attributesLength) {
    MemorySegment body =
        MemorySegment.ofArray(body(number, variant, payloadLength + attributesLength));
    return new BlockHeader(
        key(number),
        namespace(number),
        variant,
        variant - 1,
        (int) (number & 0xff),
        128,
        attributesLength,
        payloadLength,
        Crc32c.of(body, payloadLength, attributesLength),
        Crc32c.of(body, 0, payloadLength),
        1_700_000_000_000L + number,
        BlockHeader.NEVER_EXPIRES,
        (int) (number & 3),
        elementType(number));
  }

  /** The same block with a time to live. */
  public static BlockHeader withTtl(BlockHeader header, TtlKind kind, long ttlMillis) {
    return new BlockHeader(
        header.key(),
        header.namespace(),
        header.label(),
        header.parentLabel(),
        header.depth(),
        header.tokenCount(),
        header.attributesLength(),
        header.payloadLength(),
        header.attributesCrc32c(),
        header.payloadCrc32c(),
        header.writtenAtMillis(),
        header.writtenAtMillis() + ttlMillis,
        header.priority(),
        header.elementType(),
        kind);
  }

  /** The caller closes it. */
  public static StoredBlock block(
      BlockBuffers buffers, long number, long variant, int payloadLength, int attributesLength) {
    BlockHeader header = header(number, variant, payloadLength, attributesLength);
    return StoredBlock.transfer(header, filled(buffers, number, header));
  }

  /** A lease on the body that belongs to the header; the caller closes it. */
  public static Lease filled(BlockBuffers buffers, long number, BlockHeader header) {
    int length = (int) header.bodyLength();
    Lease lease =
        Objects.requireNonNull(buffers.allocate(Math.max(1, length)), "test buffers full");
    MemorySegment.copy(
        MemorySegment.ofArray(body(number, header.label(), length)), 0, lease.segment(), 0, length);
    return lease;
  }

  /** Puts a block and closes it. */
  public static PutOutcome put(
      Tier tier,
      BlockBuffers buffers,
      long number,
      long variant,
      int payloadLength,
      int attributesLength) {
    try (StoredBlock block = block(buffers, number, variant, payloadLength, attributesLength)) {
      return tier.put(block);
    }
  }

  /** Asserts that it is some variant of the block {@code number}, unharmed. */
  public static void assertIntact(StoredBlock block, long number) {
    BlockHeader header = block.header();
    assertThat(header)
        .isEqualTo(
            header(number, header.label(), header.payloadLength(), header.attributesLength()));
    byte[] expected = body(number, header.label(), (int) header.bodyLength());
    assertThat(block.body().mismatch(MemorySegment.ofArray(expected))).isEqualTo(-1);
    assertThat(block.payload().byteSize()).isEqualTo(header.payloadLength());
    assertThat(block.attributes().byteSize()).isEqualTo(header.attributesLength());
  }

  /** Asserts a hit on that variant, and closes it. */
  public static void assertHit(GetOutcome outcome, long number, long variant) {
    assertThat(outcome).isInstanceOf(GetOutcome.Hit.class);
    try (StoredBlock block = ((GetOutcome.Hit) outcome).block()) {
      assertThat(block.header().label()).isEqualTo(variant);
      assertIntact(block, number);
    }
  }
}
