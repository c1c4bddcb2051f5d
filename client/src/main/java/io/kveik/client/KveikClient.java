package io.kveik.client;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.kveik.client.inplace.OutgoingMessage;
import io.kveik.client.inplace.OutgoingMessageMarshaller;
import io.kveik.wire.v1.KVStoreServiceGrpc;
import io.kveik.wire.v1.LookupRequest;
import io.kveik.wire.v1.LookupResponse;
import io.kveik.wire.v1.WriteRequest;
import io.kveik.wire.v1.WriteResponse;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A connection to a Kveik store: finds the longest cached prefix of a token sequence, and reads and
 * writes its blocks.
 *
 * <pre>{@code
 * static int restoreAndOffload(String target, long[] tokens, MemorySegment kv, int blockBytes) {
 *   BlockScope scope = new BlockScope("account", "kv", "llama-3-8b");
 *   try (KveikClient client = KveikClient.connect(target)) {
 *     int[] restored = {0};
 *     BlockConsumer restore =
 *         (i, block) -> {
 *           if (block.isPresent() && i == restored[0]) {
 *             block.get().copyTo(kv.asSlice((long) i * blockBytes, blockBytes));
 *             restored[0]++;
 *           }
 *         };
 *     client.readAll(scope, client.lookup(scope, tokens).blocks(), restore);
 *     // ... compute the prefill of what was not restored, then:
 *     long[] labels = ChainLabels.chain(tokens);
 *     for (int i = restored[0]; i < labels.length; i++) {
 *       long[] own = Arrays.copyOfRange(tokens, i * BLOCK_TOKENS, (i + 1) * BLOCK_TOKENS);
 *       MemorySegment payload = kv.asSlice((long) i * blockBytes, blockBytes);
 *       client.write(scope, BlockWrite.of(labels[i], i == 0 ? 0 : labels[i - 1], own, payload));
 *     }
 *     return restored[0];
 *   }
 * }
 * }</pre>
 *
 * <p>Thread-safe; every call blocks its thread until its deadline at most (see {@link
 * ClientOptions}) and works as well on a virtual thread. All threads share one HTTP/2 connection,
 * which is made on the first call and made again when it breaks. The memory of a call is its own
 * block, and for {@code readAll} the outstanding blocks that the options allow.
 *
 * <p>Failures are {@link KveikException}; use after {@link #close} is {@link
 * IllegalStateException}.
 */
public final class KveikClient implements AutoCloseable {
  /** Tokens of a block on the v1 wire. */
  public static final int BLOCK_TOKENS = 128;

  private static final MethodDescriptor<LookupRequest, LookupResponse> LOOKUP =
      KVStoreServiceGrpc.getLookupMethod();
  private static final MethodDescriptor<OutgoingMessage, WriteResponse> WRITE =
      zeroCopy(KVStoreServiceGrpc.getWriteMethod());

  private final ClientOptions options;
  private final ManagedChannel channel;
  private final ClientCounters counters = new ClientCounters();
  private final RetryPolicy retries;
  private final BlockReads reads;
  private final AtomicBoolean closed = new AtomicBoolean();

  private KveikClient(ClientOptions options) {
    this.options = options;
    this.channel = Connections.open(options.target());
    this.retries =
        new RetryPolicy(
            options,
            counters,
            () -> Connections.reconnect(channel),
            () -> ThreadLocalRandom.current().nextLong(),
            TimeUnit.NANOSECONDS::sleep);
    this.reads = new BlockReads(channel, options, retries, counters);
  }

  /**
   * A client with the default options.
   *
   * @param target "host:port"
   */
  public static KveikClient connect(String target) {
    return connect(ClientOptions.builder(target).build());
  }

  /** A client; it connects on its first call. */
  public static KveikClient connect(ClientOptions options) {
    return new KveikClient(options);
  }

  /**
   * Finds the longest cached prefix.
   *
   * @param tokens the whole sequence; only its whole blocks of {@link #BLOCK_TOKENS} count
   */
  public LookupResult lookup(BlockScope scope, long[] tokens) {
    checkOpen();
    String what = "lookup of %d tokens in %s".formatted(tokens.length, scope);
    try {
      LookupRequest request = WireMapping.lookupRequest(scope, tokens);
      LookupResponse response =
          retries.run(
              what,
              options.lookupDeadline(),
              deadline ->
                  UnaryCall.run(
                      channel, LOOKUP, CallOptions.DEFAULT, deadline, request, answer -> {}));
      return WireMapping.lookupResult(what, response);
    } catch (KveikException failure) {
      reads.countOrThrow(failure);
      return LookupResult.miss();
    }
  }

  /**
   * Reads one block.
   *
   * @return the block, which the caller closes; empty when it is a miss: unknown, or not the block
   *     that the reference names, or its checksum failed (the last two are counted)
   */
  public Optional<Block> read(BlockScope scope, BlockRef ref) {
    checkOpen();
    return reads.read(scope, ref);
  }

  /**
   * Reads one block to the caller's memory, with one copy from the transport's buffers.
   *
   * @param into native memory or memory of a byte array, as large as the payload or larger; when
   *     the answer is empty, what it holds is unspecified
   * @return what the block is; empty as in {@link #read(BlockScope, BlockRef)}
   * @throws KveikException {@code MEMORY_TOO_SMALL}, without having touched {@code into}
   */
  public Optional<BlockInfo> read(BlockScope scope, BlockRef ref, MemorySegment into) {
    checkOpen();
    if (into.isReadOnly()) {
      throw new IllegalArgumentException("the memory given for the payload is read-only");
    }
    return reads.read(scope, ref, into);
  }

  /**
   * Reads many blocks over one stream, in order. Bounded in blocks and bytes that are asked for
   * ahead (see {@link ClientOptions}), and in time. A stream that breaks is opened again, as often
   * as the options allow, for the blocks that are still to come.
   *
   * @param consumer gets every index once, in order, in this thread; misses come as empty. It may
   *     use this client.
   */
  public void readAll(BlockScope scope, List<BlockRef> refs, BlockConsumer consumer) {
    checkOpen();
    reads.readAll(scope, List.copyOf(refs), consumer);
  }

  /**
   * Writes one block. The first writer wins: the same block again changes nothing.
   *
   * @return how far the block has come
   */
  public WriteResult write(BlockScope scope, BlockWrite block) {
    checkOpen();
    String what = "write of block %s in %s".formatted(ChainLabels.format(block.label()), scope);
    try (OutgoingMessage request = OutgoingWrite.wrap(scope, block)) {
      WriteResponse response =
          retries.run(
              what,
              options.writeDeadline(),
              deadline ->
                  UnaryCall.run(
                      channel,
                      WRITE,
                      CallOptions.DEFAULT.withExecutor(OutgoingMessage::runGuarded),
                      deadline,
                      request,
                      answer -> {}));
      return WireMapping.writeResult(what, response);
    }
  }

  /** Blocks that failed their checksum or carried another label than the one asked for. */
  public long corruptBlocks() {
    return counters.corruptBlocks.sum();
  }

  /** Lookups, reads and answers of a {@code readAll} that failed and became misses. */
  public long failuresAsMisses() {
    return counters.failuresAsMisses.sum();
  }

  /** Attempts after the first, over all calls. */
  public long retries() {
    return counters.retries.sum();
  }

  /** Blocks handed out and not yet closed. */
  public long openBlocks() {
    return counters.openBlocks.sum();
  }

  /**
   * Closes the connection; calls in progress fail. Blocks stay valid until they are closed
   * themselves. Closing twice does no harm.
   */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      Connections.close(channel);
    }
  }

  private void checkOpen() {
    if (closed.get()) {
      throw new IllegalStateException("the client of " + options.target() + " is closed");
    }
  }

  private static MethodDescriptor<OutgoingMessage, WriteResponse> zeroCopy(
      MethodDescriptor<WriteRequest, WriteResponse> method) {
    return method.toBuilder(new OutgoingMessageMarshaller(), method.getResponseMarshaller())
        .build();
  }
}
