package io.kveik.server.tier.object.presence;

import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.runtime.ManualTime;
import io.kveik.server.runtime.Scheduler;
import io.kveik.server.tier.object.Background;
import io.kveik.server.tier.object.BlobContainer;
import io.kveik.server.tier.object.MemoryBlobStore;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Servers' digests over one store; all that happens does so on the test's thread. */
final class Cluster implements AutoCloseable {
  static final long REFRESH_MILLIS = 1_000;
  static final long REBUILD_MILLIS = 60_000;
  static final BlobContainer CONTAINER =
      new BlobContainer("account", URI.create("memory:/"), "container");
  static final Fingerprint NAMESPACE = new Fingerprint(1, 2, 3, 4);
  static final PresenceOptions OPTIONS =
      new PresenceOptions(
          REFRESH_MILLIS,
          5_000,
          10,
          300_000,
          16,
          64 << 20,
          16 << 20,
          100_000,
          1_000,
          REBUILD_MILLIS,
          1_000_000);

  final ManualTime time = new ManualTime();
  final MemoryBlobStore store = new MemoryBlobStore();
  private final List<PresenceDigests> servers = new ArrayList<>();

  PresenceDigests start() {
    return start(OPTIONS);
  }

  PresenceDigests start(PresenceOptions options) {
    return start(options, time);
  }

  /** One that does no more in the background than what its first call begins. */
  PresenceDigests startAndKill() {
    return start(OPTIONS, new ManualTime());
  }

  private PresenceDigests start(PresenceOptions options, Scheduler scheduler) {
    PresenceDigests server =
        new PresenceDigests(
            store,
            _ -> Optional.of(CONTAINER),
            options,
            servers.size() + 1,
            new Background() {
              @Override
              public boolean tryExecute(Runnable task) {
                task.run();
                return true;
              }

              @Override
              public void pause(long millis) {}

              @Override
              public void close() {}
            },
            scheduler,
            time,
            time::advance);
    servers.add(server);
    return server;
  }

  static BlockRef block(long number) {
    long mixed = number * 0x9E3779B97F4A7C15L;
    mixed = (mixed ^ mixed >>> 29) * 0xBF58476D1CE4E5B9L;
    return new BlockRef(NAMESPACE, new BlockKey(mixed ^ mixed >>> 32, number, 0, 0));
  }

  /** Puts a block's blob in the store as a server would, and tells nobody. */
  void blob(BlockRef block) {
    store.blobs().put(path(block), new MemoryBlobStore.Blob(Map.of(), new byte[0]));
  }

  /** Where the block's blob is in the store. */
  static String path(BlockRef block) {
    return "account/container/b1/" + block.namespace() + "/" + block.key().toHex();
  }

  /** Rebuilds that any server made. */
  long rebuilds() {
    return servers.stream().mapToLong(server -> server.counters().rebuilds.sum()).sum();
  }

  /** The options with another limit of segments. */
  static PresenceOptions withSegments(int segments) {
    return new PresenceOptions(
        OPTIONS.refreshMillis(),
        OPTIONS.callMillis(),
        OPTIONS.containers(),
        OPTIONS.idleMillis(),
        segments,
        OPTIONS.learnedBytes(),
        OPTIONS.transferBytes(),
        OPTIONS.freshBlocks(),
        OPTIONS.goneBlocks(),
        OPTIONS.rebuildMillis(),
        OPTIONS.rebuildBlobsPerSecond());
  }

  /** A server puts a block. */
  void put(PresenceDigests server, BlockRef block) {
    blob(block);
    server.stored(block);
  }

  /**
   * Flips a bit of a blob.
   *
   * @param at of the byte; from the end where it is negative, from the start again past the end
   */
  void rot(String path, int at, int bit) {
    byte[] body = Objects.requireNonNull(store.blobs().get(path), path).body().clone();
    body[at < 0 ? body.length + at : at % body.length] ^= (byte) (1 << bit);
    store.blobs().put(path, new MemoryBlobStore.Blob(Map.of(), body));
  }

  /** Paths of the segments there are. */
  List<String> segments() {
    return store.blobs().keySet().stream()
        .filter(path -> path.endsWith(".delta") || path.endsWith(".base"))
        .toList();
  }

  /** Paths of the marks there are. */
  List<String> marks() {
    return store.blobs().keySet().stream().filter(path -> path.endsWith(".storing")).toList();
  }

  /** So long that every server has published and learned since. */
  void settle() {
    time.advance(3 * REFRESH_MILLIS);
  }

  @Override
  public void close() {
    for (PresenceDigests server : servers) {
      server.close();
      if (server.liveLeases() != 0) {
        throw new AssertionError("leases left: " + server.liveLeases());
      }
    }
  }
}
