package io.kveik.bench.hostile;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.kveik.wire.nativev1.BlockRange;
import io.kveik.wire.nativev1.BlockStoreGrpc;
import io.kveik.wire.nativev1.Endpoint;
import io.kveik.wire.nativev1.Model;
import io.kveik.wire.nativev1.Namespace;
import io.kveik.wire.nativev1.OpenSessionRequest;
import io.kveik.wire.nativev1.OpenSessionResponse;
import io.kveik.wire.nativev1.StoreRequest;
import io.kveik.wire.nativev1.StoreResponse;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The server that is attacked: its ports, and a namespace with one large block to ask for again and
 * again. Any thread.
 */
final class Victim implements AutoCloseable {
  static final int BLOCK_BYTES = 1 << 20;

  private static final int DEADLINE_SECONDS = 10;
  private static final int BLOCKS_PER_LOAD = 4_096;
  private static final Namespace NAMESPACE =
      Namespace.newBuilder()
          .setResource("hostile")
          .setContainer("hostile")
          .setModel(Model.newBuilder().setName("hostile").setBlockTokens(1))
          .build();
  private static final ByteString BLOCK =
      ByteString.copyFrom(ByteBuffer.allocate(32).putInt(0xBAD).rewind());

  private final InetSocketAddress grpc;
  private final ManagedChannel channel;

  /**
   * @param address "host:port" of its gRPC port
   */
  Victim(String address) {
    int colon = address.lastIndexOf(':');
    this.grpc =
        new InetSocketAddress(
            address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
    this.channel = NettyChannelBuilder.forAddress(grpc).usePlaintext().build();
  }

  InetSocketAddress grpc() {
    return grpc;
  }

  ManagedChannel channel() {
    return channel;
  }

  /** A namespace like any tenant's own. */
  Namespace namespace() {
    return NAMESPACE;
  }

  /** The block, wanted more often than anyone could take it. */
  List<BlockRange> insatiable() {
    return Collections.nCopies(BLOCKS_PER_LOAD, BlockRange.newBuilder().setId(BLOCK).build());
  }

  ByteString blockId() {
    return BLOCK;
  }

  OpenSessionResponse session() {
    return BlockStoreGrpc.newBlockingStub(channel)
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
        .openSession(OpenSessionRequest.newBuilder().setNamespace(NAMESPACE).build());
  }

  /** Its data port; empty when it has none over TCP. */
  Optional<InetSocketAddress> dataPort() {
    return session().getEndpointsList().stream()
        .filter(one -> one.getKind() == Endpoint.Kind.KIND_TCP && !one.getTls())
        .map(one -> {
          String address = one.getAddress();
          int colon = address.lastIndexOf(':');
          String host = colon == 0 ? grpc.getHostString() : address.substring(0, colon);
          return new InetSocketAddress(host, Integer.parseInt(address.substring(colon + 1)));
        })
        .findFirst();
  }

  /** Stores the block. */
  void prepare() throws InterruptedException {
    CompletableFuture<StoreResponse> stored = new CompletableFuture<>();
    StreamObserver<StoreRequest> call =
        BlockStoreGrpc.newStub(channel)
            .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
            .store(
                new StreamObserver<>() {
                  @Override
                  public void onNext(StoreResponse response) {
                    stored.complete(response);
                  }

                  @Override
                  public void onError(Throwable reason) {
                    stored.completeExceptionally(reason);
                  }

                  @Override
                  public void onCompleted() {}
                });
    call.onNext(
        StoreRequest.newBuilder()
            .setNamespace(NAMESPACE)
            .setId(BLOCK)
            .setPayload(ByteString.copyFrom(new byte[BLOCK_BYTES]))
            .build());
    call.onCompleted();
    try {
      stored.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("the server would not take a block: " + e, e);
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
