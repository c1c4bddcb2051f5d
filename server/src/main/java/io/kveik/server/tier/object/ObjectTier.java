package io.kveik.server.tier.object;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.memory.Lease;
import io.kveik.server.tier.BlockBuffers;
import io.kveik.server.tier.BlockChecks;
import io.kveik.server.tier.CodecTotals;
import io.kveik.server.tier.FindOutcome;
import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.KeyLockTable;
import io.kveik.server.tier.PutOutcome;
import io.kveik.server.tier.SharedTier;
import io.kveik.server.tier.StoredBlock;
import io.kveik.server.tier.TierUsage;
import io.kveik.server.tier.encoded.BodyCodec;
import io.kveik.server.tier.encoded.BodyReader;
import io.kveik.server.tier.encoded.EncodedBody;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.ObjLongConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Keeps each block in a blob of its own, in its namespace's container, for all servers that share
 * the storage account and the master secret.
 *
 * <p>Any thread; blocks on the network for as long as {@link ObjectTierOptions} says. A put is one
 * conditional create, a get one fetch straight into the caller's memory (of a payload that is
 * stored encoded, into memory of the caller's that is given back once it is decoded), a find one
 * question for metadata. Puts and removals of one key on this server exclude each other, so that
 * the account stays true; those of other servers are not seen by it.
 *
 * <p>A block whose bytes fail a check is fetched once more, since a wire may flip a bit too, and is
 * then put in {@link ObjectQuarantine}. A namespace that {@link BlobContainers} can't place is out
 * of reach: its blocks are absent and can't be put.
 */
public final class ObjectTier implements SharedTier {
  private final String name;
  private final BlobStore store;
  private final BlobContainers containers;
  private final ObjectTierOptions options;
  private final Predicate<BlobContainer> reachable;
  private final ObjectQuarantine quarantine;
  private final KnownBlobs known;
  private final BodyCodec codec;
  private final BodyReader reader;
  private final KeyLockTable locks = new KeyLockTable();
  private volatile boolean closed;

  /**
   * Takes over the store: closing the tier closes it.
   *
   * @param reachable whether calls to a container have a chance now; no I/O
   */
  public ObjectTier(
      BlobStore store,
      BlobContainers containers,
      ObjectTierOptions options,
      Predicate<BlobContainer> reachable) {
    this.name = store.name();
    this.store = store;
    this.containers = containers;
    this.options = options;
    this.reachable = reachable;
    this.quarantine =
        new ObjectQuarantine(store, options.quarantineLimit(), options.writeTimeoutMillis());
    this.known = new KnownBlobs(options.knownBlocks());
    this.codec = new BodyCodec(options.codec());
    this.reader = new BodyReader(codec);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean reachable(Fingerprint namespace) {
    return containers.of(namespace).filter(reachable).isPresent();
  }

  @Override
  public PutOutcome put(StoredBlock block) {
    if (closed) {
      return new PutOutcome.Failed("put: the tier is closed");
    }
    String refusal = BlockChecks.refusal(block);
    if (refusal != null) {
      return new PutOutcome.Failed("put: " + refusal);
    }
    BlockHeader header = block.header();
    BlobName blob = blobOf(header.ref());
    if (blob == null) {
      return new PutOutcome.Failed("put: no storage account is known for the namespace");
    }
    try (EncodedBody body = codec.encode(block)) {
      return put(header, blob, body);
    }
  }

  private PutOutcome put(BlockHeader header, BlobName blob, EncodedBody body) {
    try (KeyLockTable.Held _ = locks.hold(header.ref().key())) {
      BlobOutcome.Put outcome =
          store.put(
              blob,
              ObjectBlobDescriptor.metadata(new BlobHead(header, body.encoding())),
              body.bytes(),
              options.writeTimeoutMillis());
      return switch (outcome) {
        case BlobOutcome.Created() -> {
          remember(header, body.bytes().byteSize());
          codec.stored(header, body);
          yield new PutOutcome.Stored();
        }
        case BlobOutcome.Exists() -> new PutOutcome.AlreadyPresent();
        case BlobOutcome.Failed(BlobFailure failure) ->
            new PutOutcome.Failed("put: " + failure.reason());
      };
    }
  }

  @Override
  public GetOutcome get(BlockRef block, BlockBuffers buffers) {
    BlobName blob = blobOf(block);
    if (blob == null) {
      return new GetOutcome.Absent();
    }
    GetOutcome first = fetch(block, blob, buffers);
    if (!(first instanceof GetOutcome.Corrupt)) {
      return first;
    }
    GetOutcome second = fetch(block, blob, buffers);
    if (second instanceof GetOutcome.Corrupt) {
      condemn(block, blob, buffers);
    }
    return second;
  }

  private GetOutcome fetch(BlockRef block, BlobName blob, BlockBuffers buffers) {
    BlobSink sink =
        (metadata, length) ->
            ObjectBlobDescriptor.check(block, metadata, length) instanceof BlobHead.Check.Sound
                ? buffers.allocate(Math.max(1, length))
                : null;
    return switch (store.get(blob, sink, options.readTimeoutMillis())) {
      case BlobOutcome.Fetched fetched -> verified(block, fetched, buffers);
      case BlobOutcome.Declined declined ->
          switch (ObjectBlobDescriptor.check(block, declined.metadata(), declined.length())) {
            case BlobHead.Check.Sound _ -> new GetOutcome.NoBuffer();
            case BlobHead.Check.Foreign() -> new GetOutcome.Absent();
            case BlobHead.Check.Unsound(String reason) -> new GetOutcome.Corrupt(reason);
          };
      case BlobOutcome.NotThere() -> new GetOutcome.Absent();
      case BlobOutcome.Failed(BlobFailure failure) ->
          new GetOutcome.Failed("get: " + failure.reason());
    };
  }

  /** Takes over what was fetched. */
  private GetOutcome verified(BlockRef block, BlobOutcome.Fetched fetched, BlockBuffers buffers) {
    try (Lease body = fetched.body()) {
      return switch (ObjectBlobDescriptor.check(block, fetched.metadata(), fetched.length())) {
        case BlobHead.Check.Sound(BlobHead head) ->
            reader.read(head.header(), head.encoding(), body, 0, buffers);
        case BlobHead.Check.Foreign() -> new GetOutcome.Corrupt("metadata changed on the way");
        case BlobHead.Check.Unsound(String reason) -> new GetOutcome.Corrupt(reason);
      };
    }
  }

  /**
   * {@inheritDoc} A block whose header is unsound is absent, and put in quarantine once a fetch has
   * shown the same: the answer to a question about metadata has no body that would prove it whole.
   */
  @Override
  public FindOutcome find(BlockRef block) {
    return find(block, (_, _) -> {});
  }

  /**
   * @param found told the header and the length of the blob, if there is a sound one
   */
  private FindOutcome find(BlockRef block, ObjLongConsumer<BlockHeader> found) {
    BlobName blob = blobOf(block);
    if (blob == null) {
      return new FindOutcome.Absent();
    }
    return switch (store.head(blob, options.findTimeoutMillis())) {
      case BlobOutcome.Present present ->
          switch (ObjectBlobDescriptor.check(block, present.metadata(), present.length())) {
            case BlobHead.Check.Sound(BlobHead head) -> {
              found.accept(head.header(), present.length());
              yield new FindOutcome.Found(head.header());
            }
            case BlobHead.Check.Foreign() -> new FindOutcome.Absent();
            case BlobHead.Check.Unsound _ -> doubted(block);
          };
      case BlobOutcome.NotThere() -> new FindOutcome.Absent();
      case BlobOutcome.Failed(BlobFailure failure) ->
          new FindOutcome.Failed("find: " + failure.reason());
    };
  }

  private FindOutcome doubted(BlockRef block) {
    return switch (get(block, _ -> null)) {
      case GetOutcome.Corrupt _, GetOutcome.Absent _ -> new FindOutcome.Absent();
      case GetOutcome.NoBuffer _, GetOutcome.Hit _ ->
          new FindOutcome.Failed("find: the answer came damaged");
      case GetOutcome.Failed(String reason) -> new FindOutcome.Failed(reason);
    };
  }

  @Override
  public boolean remove(BlockRef block) {
    BlobName blob = blobOf(block);
    if (blob == null) {
      return false;
    }
    try (KeyLockTable.Held _ = locks.hold(block.key())) {
      boolean removed =
          store.delete(blob, options.writeTimeoutMillis()) instanceof BlobOutcome.Deleted;
      if (removed) {
        known.remove(block);
      }
      return removed;
    }
  }

  /**
   * {@inheritDoc} Lists the namespaces that {@link BlobContainers#known} tells of, which on a fresh
   * server are none, and asks for each block's header: a question per block, so for repair and for
   * tests, not for the start of a server.
   */
  @Override
  public boolean scan(Consumer<BlockHeader> visitor) {
    boolean complete = true;
    for (Fingerprint namespace : containers.known()) {
      complete &= scan(namespace, visitor);
    }
    return complete;
  }

  private boolean scan(Fingerprint namespace, Consumer<BlockHeader> visitor) {
    Optional<BlobContainer> container = containers.of(namespace);
    if (container.isEmpty()) {
      return true;
    }
    boolean[] complete = {true};
    boolean listed =
        store.list(
            container.get(),
            ObjectBlobDescriptor.directory(namespace),
            path -> {
              ObjectBlobDescriptor.refAt(namespace, path)
                  .ifPresent(block -> complete[0] &= visit(block, visitor));
              return !closed;
            },
            options.findTimeoutMillis());
    return listed && complete[0] && !closed;
  }

  private boolean visit(BlockRef block, Consumer<BlockHeader> visitor) {
    return switch (find(block, this::remember)) {
      case FindOutcome.Found(BlockHeader header) -> {
        visitor.accept(header);
        yield true;
      }
      case FindOutcome.Absent() -> true;
      case FindOutcome.Failed _ -> false;
    };
  }

  /**
   * {@inheritDoc} Only what this server put or found in a scan, and did not remove; of that, at
   * most {@link ObjectTierOptions#knownBlocks}.
   */
  @Override
  public TierUsage usage() {
    return new TierUsage(known.count(), known.bytes(), Long.MAX_VALUE);
  }

  @Override
  public Optional<CodecTotals> codecTotals() {
    return Optional.of(codec.totals());
  }

  /** What encodes and decodes its payloads; closed with the tier. */
  public BodyCodec codec() {
    return codec;
  }

  /** Blobs that failed a check since the opening. */
  public long quarantinedTotal() {
    return quarantine.takenTotal();
  }

  @Override
  public void close() {
    closed = true;
    store.close();
    codec.close();
  }

  private void condemn(BlockRef block, BlobName blob, BlockBuffers buffers) {
    try (KeyLockTable.Held _ = locks.hold(block.key())) {
      if (quarantine.take(blob, buffers)) {
        known.remove(block);
      }
    }
  }

  private void remember(BlockHeader header, long blobLength) {
    known.add(header.ref(), ObjectBlobDescriptor.METADATA_BYTES + blobLength);
  }

  private @Nullable BlobName blobOf(BlockRef block) {
    return containers
        .of(block.namespace())
        .map(container -> new BlobName(container, ObjectBlobDescriptor.path(block)))
        .orElse(null);
  }
}
