package io.kveik.server.data;

import io.kveik.client.data.StoreItem;
import io.kveik.server.tier.TestBlocks;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

/** Blocks for tests of the data port, each made from a number, its parent the one before. */
final class DataItems {
  static final byte[] NO_PARENT = {};

  private DataItems() {}

  static byte[] id(long number) {
    return ByteBuffer.allocate(32).putLong(number).putLong(~number).array();
  }

  static MemorySegment payload(long number, int bytes) {
    return Arena.ofAuto().allocateFrom(ValueLayout.JAVA_BYTE, TestBlocks.body(number, 0, bytes));
  }

  static MemorySegment room(int bytes) {
    return Arena.ofAuto().allocate(bytes);
  }

  static StoreItem store(long number, int bytes) {
    return StoreItem.of(
        id(number), number == 0 ? NO_PARENT : id(number - 1), 128, payload(number, bytes));
  }

  static byte[] bytes(MemorySegment segment, int length) {
    return segment.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
  }
}
