package io.kveik.client;

import com.google.protobuf.UnsafeByteOperations;
import io.kveik.wire.nativev1.BlockIds;
import io.kveik.wire.nativev1.BlockStatus;
import io.kveik.wire.nativev1.Namespace;
import io.kveik.wire.nativev1.Selector;
import io.kveik.wire.nativev1.TokenBlocks;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Turns the control client's types into those of the wire and back. Stateless. */
final class ControlMapping {
  private ControlMapping() {}

  /** The namespace of v1 clients: one without a model. */
  static Namespace v1(BlockScope scope) {
    return Namespace.newBuilder()
        .setResource(scope.resource())
        .setContainer(scope.container())
        .setPartition(scope.partition())
        .build();
  }

  static Selector toWire(BlockSelector selector) {
    return switch (selector) {
      case BlockSelector.Ids(List<byte[]> ids) -> {
        BlockIds.Builder wire = BlockIds.newBuilder();
        ids.forEach(id -> wire.addIds(UnsafeByteOperations.unsafeWrap(id)));
        yield Selector.newBuilder().setIds(wire).build();
      }
      case BlockSelector.Tokens(int[] tokens) ->
          Selector.newBuilder().setTokens(blocks(tokens)).build();
      case BlockSelector.Prefix(byte[] id) ->
          Selector.newBuilder().setPrefixId(UnsafeByteOperations.unsafeWrap(id)).build();
      case BlockSelector.PrefixTokens(int[] tokens) ->
          Selector.newBuilder().setPrefixTokens(blocks(tokens)).build();
      case BlockSelector.Everything() -> Selector.newBuilder().setEverything(true).build();
    };
  }

  static io.kveik.wire.nativev1.TtlKind toWire(TtlKind kind) {
    return switch (kind) {
      case ABSOLUTE -> io.kveik.wire.nativev1.TtlKind.TTL_KIND_ABSOLUTE;
      case LAST_USE -> io.kveik.wire.nativev1.TtlKind.TTL_KIND_LAST_USE;
      case FIRST_USE -> io.kveik.wire.nativev1.TtlKind.TTL_KIND_FIRST_USE;
    };
  }

  static io.kveik.wire.nativev1.EvictionPolicy toWire(EvictionPolicy policy) {
    return switch (policy) {
      case SERVER -> io.kveik.wire.nativev1.EvictionPolicy.EVICTION_POLICY_UNSPECIFIED;
      case DEFAULT -> io.kveik.wire.nativev1.EvictionPolicy.EVICTION_POLICY_DEFAULT;
      case LRU -> io.kveik.wire.nativev1.EvictionPolicy.EVICTION_POLICY_LRU;
      case S3_FIFO -> io.kveik.wire.nativev1.EvictionPolicy.EVICTION_POLICY_S3_FIFO;
      case ARC -> io.kveik.wire.nativev1.EvictionPolicy.EVICTION_POLICY_ARC;
      case HIT_DENSITY -> io.kveik.wire.nativev1.EvictionPolicy.EVICTION_POLICY_HIT_DENSITY;
    };
  }

  static StoredBlockInfo info(BlockStatus status) {
    return new StoredBlockInfo(
        status.getLabel(),
        status.getDepth(),
        status.getTiersList().stream().toList(),
        status.getBytes(),
        status.hasAgeMs() ? Optional.of(Duration.ofMillis(status.getAgeMs())) : Optional.empty(),
        status.hasTokenCount() ? OptionalInt.of(status.getTokenCount()) : OptionalInt.empty(),
        status.getUses(),
        status.getPriority(),
        status.getPinned(),
        kind(status.getTtlKind()),
        status.hasTtlLeftMs()
            ? Optional.of(Duration.ofMillis(status.getTtlLeftMs()))
            : Optional.empty());
  }

  private static Optional<TtlKind> kind(io.kveik.wire.nativev1.TtlKind kind) {
    return switch (kind) {
      case TTL_KIND_ABSOLUTE -> Optional.of(TtlKind.ABSOLUTE);
      case TTL_KIND_LAST_USE -> Optional.of(TtlKind.LAST_USE);
      case TTL_KIND_FIRST_USE -> Optional.of(TtlKind.FIRST_USE);
      case TTL_KIND_UNSPECIFIED, UNRECOGNIZED -> Optional.empty();
    };
  }

  private static TokenBlocks.Builder blocks(int[] tokens) {
    TokenBlocks.Builder blocks = TokenBlocks.newBuilder();
    for (int token : tokens) {
      blocks.addTokens(token);
    }
    return blocks;
  }
}
