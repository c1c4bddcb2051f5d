package io.kveik.server.it;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.stub.BlockingClientCall;
import io.kveik.wire.nativev1.BlockIds;
import io.kveik.wire.nativev1.BlockRange;
import io.kveik.wire.nativev1.BlockStoreGrpc;
import io.kveik.wire.nativev1.LoadRequest;
import io.kveik.wire.nativev1.LoadResponse;
import io.kveik.wire.nativev1.MatchRequest;
import io.kveik.wire.nativev1.MatchResponse;
import io.kveik.wire.nativev1.Model;
import io.kveik.wire.nativev1.Namespace;
import io.kveik.wire.nativev1.StoreRequest;
import io.kveik.wire.nativev1.StoreResponse;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/** Calls of the native service over generated stubs; blocks are made from numbers. */
final class NativeCalls {
  static final Namespace NAMESPACE =
      Namespace.newBuilder()
          .setResource("account")
          .setContainer("kv")
          .setModel(Model.newBuilder().setName("llama").setDtype("bf16").setBlockTokens(16))
          .build();
  static final int ID_BYTES = 32;

  private final BlockStoreGrpc.BlockStoreBlockingV2Stub stub;

  NativeCalls(ManagedChannel channel) {
    this.stub = BlockStoreGrpc.newBlockingV2Stub(channel);
  }

  BlockStoreGrpc.BlockStoreBlockingV2Stub stub() {
    return stub.withDeadlineAfter(9, TimeUnit.SECONDS);
  }

  static ByteString id(long seed) {
    byte[] id = new byte[ID_BYTES];
    new SplittableRandom(seed).nextBytes(id);
    return ByteString.copyFrom(id);
  }

  static List<ByteString> ids(long seed, int count) {
    List<ByteString> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ids.add(id(seed + i));
    }
    return ids;
  }

  /** Block {@code seed}, as the one after block {@code seed - 1} of the same chain. */
  static StoreRequest.Builder block(long first, long seed, int bytes) {
    StoreRequest.Builder block =
        StoreRequest.newBuilder()
            .setId(id(seed))
            .setTokenCount(16)
            .setPayload(ByteString.copyFrom(Blocks.payload(seed, bytes)));
    return seed == first ? block : block.setParentId(id(seed - 1));
  }

  /** Stores over one stream; results by index. */
  List<StoreResponse> store(List<StoreRequest> requests) throws Exception {
    BlockingClientCall<StoreRequest, StoreResponse> call = stub().store();
    List<StoreResponse> results = new ArrayList<>();
    for (int i = 0; i < requests.size(); i++) {
      call.write(
          i == 0 ? requests.get(i).toBuilder().setNamespace(NAMESPACE).build() : requests.get(i));
    }
    call.halfClose();
    StoreResponse result;
    while ((result = call.read()) != null) {
      results.add(result);
    }
    results.sort(Comparator.comparingInt(StoreResponse::getIndex));
    return results;
  }

  /** Stores a chain of blocks {@code first} to {@code first + count - 1}. */
  List<StoreResponse> storeChain(long first, int count, int bytes) throws Exception {
    List<StoreRequest> requests = new ArrayList<>();
    for (long seed = first; seed < first + count; seed++) {
      requests.add(block(first, seed, bytes).build());
    }
    return store(requests);
  }

  MatchResponse match(List<ByteString> ids) throws Exception {
    return stub()
        .match(
            MatchRequest.newBuilder()
                .setNamespace(NAMESPACE)
                .setBlocks(BlockIds.newBuilder().addAllIds(ids))
                .build());
  }

  List<LoadResponse> load(LoadRequest.Order order, List<BlockRange> ranges) throws Exception {
    BlockingClientCall<?, LoadResponse> call =
        stub()
            .load(
                LoadRequest.newBuilder()
                    .setNamespace(NAMESPACE)
                    .setOrder(order)
                    .addAllBlocks(ranges)
                    .build());
    List<LoadResponse> answers = new ArrayList<>();
    LoadResponse answer;
    while ((answer = call.read()) != null) {
      answers.add(answer);
    }
    return answers;
  }

  static List<BlockRange> whole(List<ByteString> ids) {
    return ids.stream().map(id -> BlockRange.newBuilder().setId(id).build()).toList();
  }
}
