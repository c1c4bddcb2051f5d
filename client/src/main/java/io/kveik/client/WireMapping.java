package io.kveik.client;

import io.kveik.wire.v1.BlockLocation;
import io.kveik.wire.v1.LookupRequest;
import io.kveik.wire.v1.LookupResponse;
import io.kveik.wire.v1.ReadRequest;
import io.kveik.wire.v1.ServerMetrics;
import io.kveik.wire.v1.WriteResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Turns the client's types into those of the wire and back. */
final class WireMapping {
  private WireMapping() {}

  static LookupRequest lookupRequest(BlockScope scope, long[] tokens) {
    LookupRequest.Builder request =
        LookupRequest.newBuilder()
            .setResourceName(scope.resource())
            .setContainerName(scope.container())
            .setPartitionKey(scope.partition());
    for (long token : tokens) {
      request.addTokens(token);
    }
    return request.build();
  }

  static ReadRequest readRequest(BlockScope scope, BlockRef ref) {
    return ReadRequest.newBuilder()
        .setResourceName(scope.resource())
        .setContainerName(scope.container())
        .setLocation(ref.location())
        .build();
  }

  /**
   * @param what names the call, for the error
   * @throws KveikException when the server refused, or contradicts itself
   */
  static LookupResult lookupResult(String what, LookupResponse response) {
    if (!response.getSuccess()) {
      throw refused(what, response.getError());
    }
    List<BlockRef> blocks = new ArrayList<>(response.getLocationsCount());
    for (BlockLocation location : response.getLocationsList()) {
      if (location.getLocation().isEmpty()) {
        throw new KveikException(
            KveikException.Code.PROTOCOL, what + " failed: the answer has an empty location");
      }
      blocks.add(new BlockRef(location.getHash(), location.getLocation()));
    }
    if (response.getCachedBlocks() != blocks.size()) {
      throw new KveikException(
          KveikException.Code.PROTOCOL,
          "%s failed: the answer counts %d cached blocks and has %d locations"
              .formatted(what, response.getCachedBlocks(), blocks.size()));
    }
    return new LookupResult(
        response.getCachedBlocks(),
        response.getLastHash(),
        blocks,
        response.hasStop() ? Optional.of(stop(response.getStop())) : Optional.empty(),
        timings(response.getServerMetrics()));
  }

  /**
   * @param what names the call, for the error
   * @throws KveikException when the server refused
   */
  static WriteResult writeResult(String what, WriteResponse response) {
    if (!response.getSuccess()) {
      throw refused(what, response.getError());
    }
    return new WriteResult(
        fromWire(response.getAckLevel()),
        response.getAlreadyPresent(),
        timings(response.getServerMetrics()));
  }

  static KveikException refused(String what, String error) {
    return new KveikException(
        KveikException.Code.REFUSED,
        what + " was refused: " + (error.isEmpty() ? "the server gave no reason" : error));
  }

  static io.kveik.wire.v1.AckLevel toWire(AckLevel level) {
    return switch (level) {
      case UNSPECIFIED -> io.kveik.wire.v1.AckLevel.ACK_LEVEL_UNSPECIFIED;
      case MEMORY -> io.kveik.wire.v1.AckLevel.ACK_LEVEL_MEMORY;
      case LOCAL -> io.kveik.wire.v1.AckLevel.ACK_LEVEL_LOCAL;
      case SHARED -> io.kveik.wire.v1.AckLevel.ACK_LEVEL_SHARED;
    };
  }

  static AckLevel fromWire(io.kveik.wire.v1.AckLevel level) {
    return switch (level) {
      case ACK_LEVEL_MEMORY -> AckLevel.MEMORY;
      case ACK_LEVEL_LOCAL -> AckLevel.LOCAL;
      case ACK_LEVEL_SHARED -> AckLevel.SHARED;
      case ACK_LEVEL_UNSPECIFIED, UNRECOGNIZED -> AckLevel.UNSPECIFIED;
    };
  }

  private static LookupStop stop(io.kveik.wire.v1.LookupStop stop) {
    return new LookupStop(
        stop.getBlockIndex(),
        fromWire(stop.getReason()),
        stop.getAgeMs(),
        stop.getUses(),
        stop.getDetail());
  }

  static StopReason fromWire(io.kveik.wire.v1.StopReason reason) {
    return switch (reason) {
      case STOP_REASON_NEVER_STORED -> StopReason.NEVER_STORED;
      case STOP_REASON_EVICTED -> StopReason.EVICTED;
      case STOP_REASON_EXPIRED -> StopReason.EXPIRED;
      case STOP_REASON_CORRUPT -> StopReason.CORRUPT;
      case STOP_REASON_DELETED -> StopReason.DELETED;
      case STOP_REASON_TIER_DOWN -> StopReason.TIER_DOWN;
      case STOP_REASON_OVER_BUDGET -> StopReason.OVER_BUDGET;
      case STOP_REASON_DROPPED -> StopReason.DROPPED;
      case STOP_REASON_UNSPECIFIED, UNRECOGNIZED -> StopReason.UNSPECIFIED;
    };
  }

  private static ServerTimings timings(ServerMetrics metrics) {
    return new ServerTimings(
        metrics.getStorageLatencyUs(), metrics.getTotalLatencyUs(), metrics.getOverheadUs());
  }
}
