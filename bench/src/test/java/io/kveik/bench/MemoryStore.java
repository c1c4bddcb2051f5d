package io.kveik.bench;

import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.kveik.wire.v1.BlockLocation;
import io.kveik.wire.v1.KVStoreServiceGrpc;
import io.kveik.wire.v1.LookupRequest;
import io.kveik.wire.v1.LookupResponse;
import io.kveik.wire.v1.PromptChunk;
import io.kveik.wire.v1.ReadRequest;
import io.kveik.wire.v1.ReadResponse;
import io.kveik.wire.v1.WriteRequest;
import io.kveik.wire.v1.WriteResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A v1 server that keeps every block in a map, with a hook to make its reads go wrong. */
public final class MemoryStore extends KVStoreServiceGrpc.KVStoreServiceImplBase
    implements AutoCloseable {
  private static final int BLOCK_TOKENS = 128;

  private record Key(String scope, long parent, List<Long> tokens) {}

  private final Map<Key, PromptChunk> blocks = new ConcurrentHashMap<>();
  private final Map<String, PromptChunk> byLocation = new ConcurrentHashMap<>();
  private final Server server;
  private volatile Function<PromptChunk, Optional<PromptChunk>> onRead = Optional::of;

  /** Serves on a free port. */
  public MemoryStore() throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(this)
            .maxInboundMessageSize(Integer.MAX_VALUE)
            .build()
            .start();
  }

  /** "host:port". */
  public String address() {
    return "127.0.0.1:" + server.getPort();
  }

  /** How many blocks there are. */
  public int size() {
    return blocks.size();
  }

  /** Changes what reads answer from now on; empty is a miss. */
  public void onRead(Function<PromptChunk, Optional<PromptChunk>> hook) {
    onRead = hook;
  }

  @Override
  public void lookup(LookupRequest request, StreamObserver<LookupResponse> answers) {
    LookupResponse.Builder response = LookupResponse.newBuilder().setSuccess(true);
    String scope =
        scope(request.getResourceName(), request.getContainerName(), request.getPartitionKey());
    List<Long> tokens = request.getTokensList();
    long parent = 0;
    for (int from = 0; from + BLOCK_TOKENS <= tokens.size(); from += BLOCK_TOKENS) {
      List<Long> own = List.copyOf(tokens.subList(from, from + BLOCK_TOKENS));
      @Nullable PromptChunk chunk = blocks.get(new Key(scope, parent, own));
      if (chunk == null) {
        break;
      }
      parent = chunk.getHash();
      response.addLocations(
          BlockLocation.newBuilder().setHash(parent).setLocation(location(scope, parent)));
    }
    response.setCachedBlocks(response.getLocationsCount()).setLastHash(parent);
    answers.onNext(response.build());
    answers.onCompleted();
  }

  @Override
  public void read(ReadRequest request, StreamObserver<ReadResponse> answers) {
    answers.onNext(answer(request));
    answers.onCompleted();
  }

  @Override
  public StreamObserver<ReadRequest> streamingRead(StreamObserver<ReadResponse> answers) {
    return new StreamObserver<>() {
      @Override
      public void onNext(ReadRequest request) {
        answers.onNext(answer(request));
      }

      @Override
      public void onError(Throwable cause) {}

      @Override
      public void onCompleted() {
        answers.onCompleted();
      }
    };
  }

  @Override
  public void write(WriteRequest request, StreamObserver<WriteResponse> answers) {
    PromptChunk chunk = request.getChunk();
    String scope =
        scope(request.getResourceName(), request.getContainerName(), chunk.getPartitionKey());
    Key key = new Key(scope, chunk.getParentHash(), List.copyOf(chunk.getTokensList()));
    boolean present = blocks.putIfAbsent(key, chunk) != null;
    byLocation.putIfAbsent(location(scope, chunk.getHash()), chunk);
    answers.onNext(WriteResponse.newBuilder().setSuccess(true).setAlreadyPresent(present).build());
    answers.onCompleted();
  }

  @Override
  public void close() {
    server.shutdownNow();
    try {
      server.awaitTermination();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private ReadResponse answer(ReadRequest request) {
    ReadResponse.Builder response = ReadResponse.newBuilder().setSuccess(true);
    Optional.ofNullable(byLocation.get(request.getLocation()))
        .flatMap(onRead)
        .ifPresent(chunk -> response.setFound(true).setChunk(chunk));
    return response.build();
  }

  private static String scope(String resource, String container, String partition) {
    return resource + '/' + container + '/' + partition;
  }

  private static String location(String scope, long label) {
    return scope + '/' + Long.toHexString(label);
  }
}
