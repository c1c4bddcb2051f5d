package io.kveik.client.codec;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * What fp32 is lowered to: each number is rounded to the nearest that there is, ties to even. A
 * finite number stays finite: what is too large becomes the largest. NaN stays NaN.
 *
 * <p>Numbers in the caller's memory are in the machine's byte order, stored ones little-endian.
 * Each format has loops of its own, since a call per number that may be any format's is not
 * inlined.
 */
public enum Precision {
  /** IEEE 754 binary16: off by 2^-11 of the number at most from 2^-14 up, by 2^-25 below. */
  FP16("fp16", 2) {
    @Override
    public void lower(MemorySegment raw, MemorySegment stored) {
      for (long i = 0, at = 0; at < raw.byteSize(); i += Short.BYTES, at += Float.BYTES) {
        stored.set(SHORT, i, Halves.toFp16(raw.get(JAVA_FLOAT_UNALIGNED, at)));
      }
    }

    @Override
    public void restore(MemorySegment stored, MemorySegment raw) {
      for (long i = 0, at = 0; at < raw.byteSize(); i += Short.BYTES, at += Float.BYTES) {
        raw.set(JAVA_FLOAT_UNALIGNED, at, Float.float16ToFloat(stored.get(SHORT, i)));
      }
    }
  },

  /** The upper half of fp32: off by 2^-8 of the number at most. */
  BF16("bf16", 2) {
    @Override
    public void lower(MemorySegment raw, MemorySegment stored) {
      for (long i = 0, at = 0; at < raw.byteSize(); i += Short.BYTES, at += Float.BYTES) {
        stored.set(SHORT, i, Halves.toBf16(raw.get(JAVA_FLOAT_UNALIGNED, at)));
      }
    }

    @Override
    public void restore(MemorySegment stored, MemorySegment raw) {
      for (long i = 0, at = 0; at < raw.byteSize(); i += Short.BYTES, at += Float.BYTES) {
        raw.set(JAVA_FLOAT_UNALIGNED, at, Halves.fromBf16(stored.get(SHORT, i)));
      }
    }
  },

  /**
   * OCP's 8-bit format E4M3: off by 2^-4 of the number at most from 2^-6 up, by 2^-10 below. The
   * largest is 448, which infinities become too.
   */
  FP8_E4M3("fp8_e4m3", 1) {
    @Override
    public void lower(MemorySegment raw, MemorySegment stored) {
      for (long i = 0, at = 0; at < raw.byteSize(); i += Byte.BYTES, at += Float.BYTES) {
        stored.set(JAVA_BYTE, i, E4m3.of(raw.get(JAVA_FLOAT_UNALIGNED, at)));
      }
    }

    @Override
    public void restore(MemorySegment stored, MemorySegment raw) {
      for (long i = 0, at = 0; at < raw.byteSize(); i += Byte.BYTES, at += Float.BYTES) {
        raw.set(JAVA_FLOAT_UNALIGNED, at, E4m3.toFloat(stored.get(JAVA_BYTE, i)));
      }
    }
  };

  private static final ValueLayout.OfShort SHORT =
      JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final String dtype;
  private final int widthBytes;

  Precision(String dtype, int widthBytes) {
    this.dtype = dtype;
    this.widthBytes = widthBytes;
  }

  /** Its name in a dtype. */
  public String dtype() {
    return dtype;
  }

  /** Bytes of a stored number. */
  public int widthBytes() {
    return widthBytes;
  }

  /** Bytes that so many of fp32 become, a multiple of 4. */
  public long storedBytes(long rawBytes) {
    return rawBytes / Float.BYTES * widthBytes;
  }

  /** Bytes of fp32 that so many stored ones become, a multiple of {@link #widthBytes}. */
  public long rawBytes(long storedBytes) {
    return storedBytes / widthBytes * Float.BYTES;
  }

  /**
   * Rounds numbers. O(length).
   *
   * @param raw fp32, a multiple of 4 bytes
   * @param stored {@link #storedBytes} of that
   */
  public abstract void lower(MemorySegment raw, MemorySegment stored);

  /**
   * Makes fp32 of stored numbers, exactly. O(length).
   *
   * @param stored a multiple of {@link #widthBytes}
   * @param raw {@link #rawBytes} of that
   */
  public abstract void restore(MemorySegment stored, MemorySegment raw);
}
