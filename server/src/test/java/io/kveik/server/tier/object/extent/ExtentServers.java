package io.kveik.server.tier.object.extent;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.block.TtlKind;
import io.kveik.server.memory.Crc32c;
import io.kveik.server.memory.Lease;
import io.kveik.server.memory.Slab;
import io.kveik.server.runtime.ManualTime;
import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.PutOutcome;
import io.kveik.server.tier.StoredBlock;
import io.kveik.server.tier.TestBlocks;
import io.kveik.server.tier.object.BlobContainer;
import io.kveik.server.tier.object.MemoryBlobStore;
import io.kveik.server.tier.object.ObjectTier;
import io.kveik.server.tier.object.TestContainers;
import java.lang.foreign.MemorySegment;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Servers over one store in the heap; what runs in the background does so on the test's thread. */
final class ExtentServers implements AutoCloseable {
  static final Fingerprint NAMESPACE = new Fingerprint(1, 2, 3, 4);
  static final int PAYLOAD = 4_000;
  private static final String ROOT = "account/container/";

  final ManualTime time = new ManualTime();
  final MemoryBlobStore store = new MemoryBlobStore();
  final Slab buffers = Slab.anonymous(16 << 20);
  final TestContainers containers =
      new TestContainers(new BlobContainer("account", URI.create("memory:/"), "container"));
  private final SplittableRandom random;
  private final List<ExtentTier> servers = new ArrayList<>();

  /** Calls to the store since the last look, by the method's name. */
  private final ConcurrentLinkedQueue<String> calls = new ConcurrentLinkedQueue<>();

  ExtentServers(String test) {
    this.random = new SplittableRandom(TestBlocks.seed(test));
    breakCalls(_ -> null);
  }

  ExtentTier start() {
    return start(TestExtents.options(2));
  }

  ExtentTier start(ExtentOptions options) {
    return start(options, new ExtentTier.Threads(TestExtents.inline(), TestExtents.inline()));
  }

  ExtentTier start(ExtentOptions options, ExtentTier.Threads threads) {
    ObjectTier singles = TestContainers.tier(store, containers);
    ExtentTier tier =
        new ExtentTier(
            new ExtentTier.Parts(singles, store, containers, singles.codec()),
            options,
            threads,
            time,
            time,
            this::nextLong);
    servers.add(tier);
    tier.mayHold(ref(-1));
    return tier;
  }

  private long nextLong() {
    synchronized (random) {
      return random.nextLong();
    }
  }

  /** Lets calls fail; all are counted. */
  void breakCalls(MemoryBlobStore.Faults faults) {
    store.setFaults(call -> {
      calls.add(call);
      return faults.next(call);
    });
  }

  /** Calls since the last time this was asked. */
  List<String> calls() {
    List<String> since = new ArrayList<>();
    String call;
    while ((call = calls.poll()) != null) {
      since.add(call);
    }
    return since;
  }

  static BlockRef ref(long number) {
    return new BlockRef(NAMESPACE, TestBlocks.key(number));
  }

  static BlockKey key(long number) {
    return ref(number).key();
  }

  /** The caller closes it. */
  StoredBlock block(long number, long variant, long expiresAtMillis) {
    byte[] body = TestBlocks.body(number, variant, PAYLOAD);
    MemorySegment bytes = MemorySegment.ofArray(body);
    BlockHeader header =
        new BlockHeader(
            key(number),
            NAMESPACE,
            variant,
            0,
            0,
            128,
            0,
            PAYLOAD,
            0,
            Crc32c.of(bytes),
            time.wallMillis(),
            expiresAtMillis,
            0);
    Lease lease = Objects.requireNonNull(buffers.allocate(PAYLOAD), "test buffers full");
    lease.segment().copyFrom(bytes);
    return StoredBlock.transfer(header, lease);
  }

  /** The caller closes it. */
  StoredBlock block(long number, TtlKind kind, long ttlMillis) {
    try (StoredBlock plain = block(number, 1, BlockHeader.NEVER_EXPIRES)) {
      BlockHeader header = TestBlocks.withTtl(plain.header(), kind, ttlMillis);
      return StoredBlock.transfer(header, TestBlocks.filled(buffers::allocate, number, header));
    }
  }

  /** Puts blocks together. */
  List<PutOutcome> put(ExtentTier server, long first, int count) {
    return put(server, first, count, 1, BlockHeader.NEVER_EXPIRES);
  }

  List<PutOutcome> put(
      ExtentTier server, long first, int count, long variant, long expiresAtMillis) {
    List<StoredBlock> blocks =
        IntStream.range(0, count)
            .mapToObj(i -> block(first + i, variant, expiresAtMillis))
            .toList();
    return put(server, blocks);
  }

  /** Puts blocks together and closes them. */
  static List<PutOutcome> put(ExtentTier server, List<StoredBlock> blocks) {
    try {
      return server.putAll(blocks);
    } finally {
      blocks.forEach(StoredBlock::close);
    }
  }

  void assertHit(ExtentTier server, long number) {
    assertThat(variantOf(server, number)).as("block %d", number).isNotNull();
  }

  void assertAbsent(ExtentTier server, long number) {
    assertThat(server.get(ref(number), buffers::allocate)).isEqualTo(new GetOutcome.Absent());
  }

  /** Which variant is served, its bytes checked; null when none is. */
  @Nullable Long variantOf(ExtentTier server, long number) {
    return switch (server.get(ref(number), buffers::allocate)) {
      case GetOutcome.Hit(StoredBlock block) -> {
        try (block) {
          long variant = block.header().label();
          assertThat(block.header().key()).isEqualTo(key(number));
          byte[] expected = TestBlocks.body(number, variant, PAYLOAD);
          assertThat(block.body().mismatch(MemorySegment.ofArray(expected))).isEqualTo(-1);
          yield variant;
        }
      }
      case GetOutcome.Absent() -> null;
      case GetOutcome other -> throw new AssertionError(other);
    };
  }

  /** Paths in the container that begin so. */
  List<String> paths(String prefix) {
    return store.blobs().keySet().stream()
        .map(place -> place.substring(ROOT.length()))
        .filter(path -> path.startsWith(prefix))
        .toList();
  }

  MemoryBlobStore.Blob blob(String path) {
    return Objects.requireNonNull(store.blobs().get(ROOT + path), path);
  }

  void replace(String path, byte[] body) {
    store.blobs().put(ROOT + path, new MemoryBlobStore.Blob(blob(path).metadata(), body));
  }

  @Override
  public void close() {
    breakCalls(_ -> null);
    for (ExtentTier server : servers) {
      server.close();
      assertThat(server.liveLeases()).isZero();
    }
    assertThat(buffers.liveLeases()).isZero();
    buffers.close();
  }
}
