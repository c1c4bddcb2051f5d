package io.kveik.client;

import io.grpc.ManagedChannel;
import io.kveik.client.data.FallbackTransport;
import io.kveik.client.data.TransportKind;
import io.kveik.client.data.grpc.GrpcTransport;
import io.kveik.wire.nativev1.Namespace;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A connection to a store's native service: many blocks per call, named by the engine's own ids,
 * between the store and memory of the caller's, over the best transport that both sides have.
 *
 * <pre>{@code
 * static int restoreAndOffload(String target, int[] prompt, MemorySegment kv, int blockBytes) {
 *   BlockNamespace namespace =
 *       new BlockNamespace(
 *           new BlockScope("account", "kv", ""), BlockModel.of("llama-3-8b", BLOCK_TOKENS));
 *   List<byte[]> ids = ChainIds.of(i -> prompt[i], prompt.length, BLOCK_TOKENS);
 *   try (BlockClient client = BlockClient.connect(BlockClientOptions.of(target));
 *       NamespaceClient blocks = client.open(namespace)) {
 *     int cached = blocks.match(ids).blocks();
 *     List<LoadItem> loads = new ArrayList<>();
 *     for (int i = 0; i < cached; i++) {
 *       loads.add(LoadItem.whole(ids.get(i), kv.asSlice((long) i * blockBytes, blockBytes)));
 *     }
 *     List<LoadResult> loaded = blocks.load(loads);
 *     int restored = 0;
 *     while (restored < cached && loaded.get(restored).found()) {
 *       restored++;
 *     }
 *     // ... compute the prefill of what was not restored, then:
 *     List<StoreItem> stores = new ArrayList<>();
 *     for (int i = restored; i < ids.size(); i++) {
 *       MemorySegment payload = kv.asSlice((long) i * blockBytes, blockBytes);
 *       stores.add(
 *           StoreItem.of(ids.get(i), i == 0 ? new byte[0] : ids.get(i - 1), BLOCK_TOKENS, payload));
 *     }
 *     blocks.store(stores);
 *     return restored;
 *   }
 * }
 * }</pre>
 *
 * <p>Transports, best first: memory of the server's on the same host, the raw data port over its
 * Unix socket, over TCP, and gRPC. One that fails is left for the next in the same call, and tried
 * again after a while. A path of the server's that this host does not have is not on offer, and
 * costs nothing.
 *
 * <p>Thread-safe. Failures are {@link KveikException}; use after {@link #close} is {@link
 * IllegalStateException}.
 */
public final class BlockClient implements AutoCloseable {
  private final BlockClientOptions options;
  private final ManagedChannel channel;
  private final Runnable reconnect;
  private final RetryPolicy retries;
  private final Set<NamespaceClient> open = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean closed = new AtomicBoolean();

  private BlockClient(BlockClientOptions options) {
    this.options = options;
    this.channel = Connections.open(options.target());
    this.reconnect = () -> Connections.reconnect(channel);
    this.retries =
        new RetryPolicy(
            ClientOptions.builder(options.target()).build(),
            new ClientCounters(),
            reconnect,
            () -> ThreadLocalRandom.current().nextLong(),
            TimeUnit.NANOSECONDS::sleep);
  }

  /** A client; it connects when it is first used. */
  public static BlockClient connect(BlockClientOptions options) {
    return new BlockClient(options);
  }

  /**
   * A client of one namespace. Asks the server for a session, so that a namespace that it refuses
   * is known now.
   *
   * @throws KveikException {@code INVALID_ARGUMENT} for a namespace that the server refuses
   * @throws IllegalArgumentException when the options' transform does not fit the model's dtype
   */
  public NamespaceClient open(BlockNamespace requested) {
    if (closed.get()) {
      throw new IllegalStateException("the client of " + options.target() + " is closed");
    }
    BlockNamespace namespace = requested.storedWith(options.transform());
    Namespace wire = NativeMapping.toWire(namespace);
    NamespaceSession session = new NamespaceSession(channel, wire, reconnect);
    retries.run("opening of " + namespace, options.matchDeadline(), session::open);
    TransportFactory factory = new TransportFactory(options.target(), options.sockets());
    List<FallbackTransport.Route> routes =
        options.transports().stream()
            .sorted()
            .map(kind ->
                kind == TransportKind.GRPC
                    ? new GrpcRoute(
                        new GrpcTransport(channel, wire, options.sockets().verifyChecksums()),
                        reconnect)
                    : new EndpointRoute(kind, session, factory))
            .toList();
    FallbackTransport transport =
        new FallbackTransport(
            routes, System::nanoTime, () -> ThreadLocalRandom.current().nextLong());
    NamespaceClient client =
        new NamespaceClient(namespace, channel, retries, transport, options, open::remove);
    open.add(client);
    if (closed.get()) {
      client.close();
    }
    return client;
  }

  /**
   * Operations on what is stored in a namespace, without a session in it. Good until this client is
   * closed.
   */
  public BlockControlClient control(BlockNamespace namespace) {
    return control(namespace.toString(), NativeMapping.toWire(namespace));
  }

  /**
   * Operations on what v1 clients have stored under a scope; blocks are named by tokens there. Good
   * until this client is closed.
   */
  public BlockControlClient v1Control(BlockScope scope) {
    return control(scope.toString(), ControlMapping.v1(scope));
  }

  private BlockControlClient control(String name, Namespace namespace) {
    if (closed.get()) {
      throw new IllegalStateException("the client of " + options.target() + " is closed");
    }
    return new BlockControlClient(name, namespace, channel, retries, BlockControlClient.DEADLINE);
  }

  /** Closes its namespaces and the connection; calls in progress fail. Idempotent. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      open.forEach(NamespaceClient::close);
      Connections.close(channel);
    }
  }
}
