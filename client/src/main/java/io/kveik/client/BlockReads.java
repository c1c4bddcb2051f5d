package io.kveik.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.Deadline;
import io.grpc.MethodDescriptor;
import io.kveik.client.inplace.Checksums;
import io.kveik.client.inplace.Handover;
import io.kveik.client.inplace.Receiving;
import io.kveik.wire.v1.KVStoreServiceGrpc;
import io.kveik.wire.v1.PromptChunk;
import io.kveik.wire.v1.ReadRequest;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The two ways to read: one block, and many over one stream. Thread-safe. */
final class BlockReads {
  private static final MethodDescriptor<ReadRequest, ReceivedRead> READ =
      zeroCopy(KVStoreServiceGrpc.getReadMethod());
  private static final MethodDescriptor<ReadRequest, ReceivedRead> STREAMING_READ =
      zeroCopy(KVStoreServiceGrpc.getStreamingReadMethod());

  private final Channel channel;
  private final ClientOptions options;
  private final RetryPolicy retries;
  private final ClientCounters counters;

  BlockReads(Channel channel, ClientOptions options, RetryPolicy retries, ClientCounters counters) {
    this.channel = channel;
    this.options = options;
    this.retries = retries;
    this.counters = counters;
  }

  Optional<Block> read(BlockScope scope, BlockRef ref) {
    try (Receiving _ = Receiving.begin()) {
      return outcome(scope, ref, ReceivedRead::close).flatMap(this::verified);
    }
  }

  Optional<BlockInfo> read(BlockScope scope, BlockRef ref, MemorySegment into) {
    try (Receiving receiving = Receiving.begin()) {
      return outcome(scope, ref, new Arriving(into, receiving)).flatMap(read -> copied(read, into));
    }
  }

  private record Arriving(MemorySegment into, Receiving receiving)
      implements Handover<ReceivedRead> {
    @Override
    public void arrived(ReceivedRead read) {
      receiving.arrived(read.content(), into);
    }

    @Override
    public void discard(ReceivedRead read) {
      read.close();
    }
  }

  private Optional<BlockInfo> copied(ReceivedRead hit, MemorySegment into) {
    try (ReceivedRead read = hit) {
      BlockInfo info = read.info();
      Block.checkFits(info, into);
      PromptChunk chunk = read.chunk();
      if (!mustVerify(chunk)) {
        read.copyTo(into);
      } else if (read.copyAndChecksum(into) != chunk.getBufferCrc32C()) {
        counters.corruptBlocks.increment();
        return Optional.empty();
      }
      return Optional.of(info);
    }
  }

  void readAll(BlockScope scope, List<BlockRef> refs, BlockConsumer consumer) {
    if (refs.isEmpty()) {
      return;
    }
    try (Receiving _ = Receiving.begin()) {
      stream(scope, refs, consumer);
    }
  }

  private void stream(BlockScope scope, List<BlockRef> refs, BlockConsumer consumer) {
    String what = "read of %d blocks in %s".formatted(refs.size(), scope);
    Deadline deadline = Deadline.after(options.readAllDeadline().toNanos(), TimeUnit.NANOSECONDS);
    int done = 0;
    for (int attempt = 1; ; attempt++) {
      int from = done;
      try (ReadStream stream =
          ReadStream.open(
              channel,
              STREAMING_READ,
              deadline,
              refs.size() - from,
              i -> WireMapping.readRequest(scope, refs.get(from + i)),
              options)) {
        while (done < refs.size()) {
          ReceivedRead read = stream.next();
          // Counted before it is delivered: a block is never delivered twice.
          int index = done++;
          deliver(scope, index, refs.get(index), read, consumer);
        }
        return;
      } catch (CallFailedException e) {
        try {
          retries.awaitNext(what, attempt, deadline, e);
        } catch (KveikException failure) {
          countOrThrow(failure);
          break;
        }
      } catch (InterruptedException e) {
        throw RetryPolicy.interrupted(what, e);
      }
    }
    for (int index = done; index < refs.size(); index++) {
      consumer.accept(index, Optional.empty());
    }
  }

  /** Turns a failure to a miss where the options say so. */
  void countOrThrow(KveikException failure) {
    if (!options.missOnFailure() || failure.isCallersOwn()) {
      throw failure;
    }
    counters.failuresAsMisses.increment();
  }

  private void deliver(
      BlockScope scope, int index, BlockRef ref, ReceivedRead read, BlockConsumer consumer) {
    Optional<ReceivedRead> hit = hit(nameOf(scope, ref), ReadOutcome.of(ref, read));
    Optional<Block> block = hit.flatMap(this::verified);
    if (block.isEmpty()) {
      consumer.accept(index, Optional.empty());
      return;
    }
    try (Block open = block.get()) {
      consumer.accept(index, Optional.of(open));
    }
  }

  private Optional<ReceivedRead> outcome(
      BlockScope scope, BlockRef ref, Handover<ReceivedRead> handover) {
    String what = nameOf(scope, ref);
    ReceivedRead read;
    try {
      read =
          retries.run(
              what,
              options.readDeadline(),
              deadline ->
                  UnaryCall.run(
                      channel,
                      READ,
                      CallOptions.DEFAULT,
                      deadline,
                      WireMapping.readRequest(scope, ref),
                      handover));
    } catch (KveikException failure) {
      countOrThrow(failure);
      return Optional.empty();
    }
    return hit(what, ReadOutcome.of(ref, read));
  }

  private Optional<ReceivedRead> hit(String what, ReadOutcome outcome) {
    return switch (outcome) {
      case ReadOutcome.Hit(ReceivedRead read) -> Optional.of(read);
      case ReadOutcome.Miss() -> Optional.empty();
      case ReadOutcome.Mislabelled() -> {
        counters.corruptBlocks.increment();
        yield Optional.empty();
      }
      case ReadOutcome.Refused(String error) -> {
        countOrThrow(WireMapping.refused(what, error));
        yield Optional.empty();
      }
    };
  }

  private Optional<Block> verified(ReceivedRead read) {
    PromptChunk chunk = read.chunk();
    if (mustVerify(chunk) && Checksums.crc32c(read.payload()) != chunk.getBufferCrc32C()) {
      counters.corruptBlocks.increment();
      read.close();
      return Optional.empty();
    }
    return Optional.of(new Block(read, counters));
  }

  private boolean mustVerify(PromptChunk chunk) {
    return options.verifyChecksums() && chunk.hasBufferCrc32C();
  }

  private static String nameOf(BlockScope scope, BlockRef ref) {
    return "read of block " + ref + " in " + scope;
  }

  private static MethodDescriptor<ReadRequest, ReceivedRead> zeroCopy(
      MethodDescriptor<ReadRequest, io.kveik.wire.v1.ReadResponse> method) {
    return method.toBuilder(method.getRequestMarshaller(), new ReadResponseMarshaller()).build();
  }
}
