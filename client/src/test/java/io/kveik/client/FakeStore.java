package io.kveik.client;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.kveik.wire.v1.BlockLocation;
import io.kveik.wire.v1.KVStoreServiceGrpc.KVStoreServiceImplBase;
import io.kveik.wire.v1.LookupRequest;
import io.kveik.wire.v1.LookupResponse;
import io.kveik.wire.v1.PromptChunk;
import io.kveik.wire.v1.ReadRequest;
import io.kveik.wire.v1.ReadResponse;
import io.kveik.wire.v1.ServerMetrics;
import io.kveik.wire.v1.StopReason;
import io.kveik.wire.v1.WriteRequest;
import io.kveik.wire.v1.WriteResponse;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** A v1 store in memory, as the wire contract has it, with faults that a test can order. */
final class FakeStore extends KVStoreServiceImplBase {
  private record Key(
      String resource, String container, String partition, long parent, List<Long> tokens) {}

  private record Stored(PromptChunk chunk, String location) {}

  private final Map<Key, Stored> blocks = new ConcurrentHashMap<>();
  private final Map<String, Stored> byLocation = new ConcurrentHashMap<>();

  /** The next calls end with these instead of being served. */
  final Queue<Status> failNext = new ConcurrentLinkedQueue<>();

  /** Streams end with these after that many answers, one stream after another. */
  final Queue<Integer> breakStreamsAfter = new ConcurrentLinkedQueue<>();

  /** Calls arrived, failed ones included. */
  final AtomicInteger calls = new AtomicInteger();

  /** Requests arrived on streams. */
  final AtomicInteger streamRequests = new AtomicInteger();

  /** Write requests as they arrived. */
  final Queue<WriteRequest> writes = new ConcurrentLinkedQueue<>();

  /** Calls and requests are taken and never answered, from this many answers on. */
  volatile int muteAfter = Integer.MAX_VALUE;

  /** What reads answer instead of the truth. */
  volatile UnaryOperator<ReadResponse> tamper = UnaryOperator.identity();

  @Override
  public void lookup(LookupRequest request, StreamObserver<LookupResponse> answers) {
    if (request.getTokensCount() == 0) {
      calls.incrementAndGet();
      answers.onError(missing("tokens"));
      return;
    }
    answer(answers, lookup(request));
  }

  @Override
  public void read(ReadRequest request, StreamObserver<ReadResponse> answers) {
    if (request.getLocation().isEmpty()) {
      calls.incrementAndGet();
      answers.onError(missing("location"));
      return;
    }
    answer(answers, read(request));
  }

  @Override
  public void write(WriteRequest request, StreamObserver<WriteResponse> answers) {
    answer(answers, write(request));
  }

  @Override
  public StreamObserver<ReadRequest> streamingRead(StreamObserver<ReadResponse> answers) {
    int call = calls.incrementAndGet();
    @Nullable Integer ordered = breakStreamsAfter.poll();
    int breakAfter = ordered == null ? Integer.MAX_VALUE : ordered;
    return new StreamObserver<>() {
      private int answered;
      private boolean broken;

      @Override
      public void onNext(ReadRequest request) {
        streamRequests.incrementAndGet();
        if (answered >= muteAfter || broken) {
          return;
        }
        if (answered == breakAfter) {
          broken = true;
          answers.onError(
              Status.UNAVAILABLE.withDescription("stream " + call + " breaks").asException());
          return;
        }
        answered++;
        answers.onNext(read(request));
      }

      @Override
      public void onError(Throwable cause) {}

      @Override
      public void onCompleted() {
        if (answered < muteAfter && !broken) {
          answers.onCompleted();
        }
      }
    };
  }

  int size() {
    return blocks.size();
  }

  private <T> void answer(StreamObserver<T> answers, T answer) {
    calls.incrementAndGet();
    @Nullable Status failure = failNext.poll();
    if (failure != null) {
      answers.onError(failure.asException());
    } else if (muteAfter > 0) {
      answers.onNext(answer);
      answers.onCompleted();
    }
  }

  private LookupResponse lookup(LookupRequest request) {
    LookupResponse.Builder response =
        LookupResponse.newBuilder()
            .setSuccess(true)
            .setServerMetrics(
                ServerMetrics.newBuilder()
                    .setStorageLatencyUs(2)
                    .setTotalLatencyUs(5)
                    .setOverheadUs(3));
    long parent = 0;
    int whole = request.getTokensCount() / KveikClient.BLOCK_TOKENS;
    for (int i = 0; i < whole; i++) {
      List<Long> tokens =
          request
              .getTokensList()
              .subList(i * KveikClient.BLOCK_TOKENS, (i + 1) * KveikClient.BLOCK_TOKENS);
      @Nullable Stored stored =
          blocks.get(
              new Key(
                  request.getResourceName(),
                  request.getContainerName(),
                  request.getPartitionKey(),
                  parent,
                  List.copyOf(tokens)));
      if (stored == null) {
        response.setStop(
            io.kveik.wire.v1.LookupStop.newBuilder()
                .setBlockIndex(i)
                .setReason(StopReason.STOP_REASON_NEVER_STORED)
                .setDetail("never seen"));
        break;
      }
      parent = stored.chunk().getHash();
      response
          .setCachedBlocks(i + 1)
          .setLastHash(parent)
          .addLocations(BlockLocation.newBuilder().setHash(parent).setLocation(stored.location()));
    }
    return response.build();
  }

  private ReadResponse read(ReadRequest request) {
    if (request.getLocation().equals("refused")) {
      return ReadResponse.newBuilder().setSuccess(false).setError("tier on fire").build();
    }
    @Nullable Stored stored = byLocation.get(request.getLocation());
    if (stored == null) {
      return ReadResponse.newBuilder().setSuccess(true).build();
    }
    return tamper.apply(
        ReadResponse.newBuilder().setSuccess(true).setFound(true).setChunk(stored.chunk()).build());
  }

  private WriteResponse write(WriteRequest request) {
    writes.add(request);
    PromptChunk chunk = request.getChunk();
    if (!chunk.hasBufferCrc32C() || chunk.getBufferCrc32C() != crc32c(chunk.getBuffer())) {
      return WriteResponse.newBuilder().setError("buffer does not match its checksum").build();
    }
    Key key =
        new Key(
            request.getResourceName(),
            request.getContainerName(),
            chunk.getPartitionKey(),
            chunk.getParentHash(),
            List.copyOf(chunk.getTokensList()));
    Stored added = new Stored(chunk, "loc-" + key.hashCode() + "-" + chunk.getHash());
    @Nullable Stored present = blocks.putIfAbsent(key, added);
    if (present == null) {
      byLocation.put(added.location(), added);
    }
    return WriteResponse.newBuilder()
        .setSuccess(true)
        .setAlreadyPresent(present != null)
        .setAckLevel(io.kveik.wire.v1.AckLevel.ACK_LEVEL_MEMORY)
        .build();
  }

  private static io.grpc.StatusException missing(String field) {
    return Status.INVALID_ARGUMENT.withDescription(field + " is missing").asException();
  }

  private static int crc32c(ByteString bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.asReadOnlyByteBuffer());
    return (int) crc.getValue();
  }
}
