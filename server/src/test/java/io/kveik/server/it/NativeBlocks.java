package io.kveik.server.it;

import io.kveik.client.BlockModel;
import io.kveik.client.BlockNamespace;
import io.kveik.client.BlockScope;
import io.kveik.client.data.StoreItem;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/** Blocks for the native client, all made from numbers. */
final class NativeBlocks {
  static final BlockNamespace NAMESPACE =
      new BlockNamespace(new BlockScope("account", "kv", ""), BlockModel.of("llama", 16));

  private NativeBlocks() {}

  static byte[] id(long number) {
    byte[] id = new byte[NativeCalls.ID_BYTES];
    new SplittableRandom(number).nextBytes(id);
    return id;
  }

  static MemorySegment payload(long number, int bytes) {
    return Arena.ofAuto().allocateFrom(ValueLayout.JAVA_BYTE, Blocks.payload(number, bytes));
  }

  /** Block {@code number} as the one after block {@code number - 1}; block 0 is a first one. */
  static StoreItem store(long number, int bytes) {
    return StoreItem.of(
        id(number), number == 0 ? new byte[0] : id(number - 1), 16, payload(number, bytes));
  }
}
