package io.kveik.server.session;

import io.kveik.server.block.BlockId;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.block.TurnEnd;
import io.kveik.server.cache.CacheEngine;
import io.kveik.server.cache.IdChain;
import io.kveik.server.cache.LookupOutcome;
import io.kveik.server.cache.ReadOutcome;
import io.kveik.server.cache.WriteCommand;
import io.kveik.server.cache.WriteOutcome;
import io.kveik.server.tenant.NamespaceKeys;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * One client's way into one namespace. Immutable, any thread; blocks no caller (see {@link
 * CacheEngine}).
 */
public final class BlockSession {
  private final CacheEngine engine;
  private final NamespaceKeys namespace;

  public BlockSession(CacheEngine engine, NamespaceKeys namespace) {
    this.engine = engine;
    this.namespace = namespace;
  }

  /** The tenant whose blocks these are. */
  public String tenant() {
    return namespace.namespace().tenant();
  }

  /**
   * The longest prefix of the chain that is present. Counts as use of its blocks.
   *
   * @param patienceMillis how long tiers may be asked, if that is less than the lookup budget
   */
  public CompletionStage<LookupOutcome> match(List<BlockId> chain, long patienceMillis) {
    return engine.lookup(
        namespace.fingerprint(), new IdChain(chain, namespace::key), patienceMillis);
  }

  /**
   * Tells why the turn ended that used blocks of the chain; see {@link CacheEngine#turnEnded}.
   *
   * @param keys of these, from the first on
   */
  public void turnEnded(List<BlockId> chain, List<BlockKey> keys, TurnEnd end) {
    engine.turnEnded(namespace.fingerprint(), new IdChain(chain, namespace::key), keys, end);
  }

  /** The same of a single block, wherever in its chain it is. */
  public void turnEnded(BlockKey key, TurnEnd end) {
    engine.turnEnded(key, end);
  }

  /** One block, if it belongs to the namespace. */
  public CompletionStage<ReadOutcome> load(BlockId id) {
    return engine.read(namespace.fingerprint(), namespace.key(id));
  }

  /** The key of a block, for what is kept beside the store. */
  public BlockKey keyOf(BlockId id) {
    return namespace.key(id);
  }

  /** Names the namespace, for what is kept beside the store. */
  public Fingerprint fingerprint() {
    return namespace.fingerprint();
  }

  /** True when the store has the block in some tier. */
  public boolean holds(BlockKey key) {
    return engine.holds(namespace.fingerprint(), key);
  }

  /** Starts bringing a block to DRAM unless it is there; nobody waits for it. */
  public void prefetch(BlockId id) {
    engine.prefetch(namespace.fingerprint(), namespace.key(id));
  }

  /**
   * Stores a block; the first writer wins. The payload is read before this returns, and only if the
   * block is not there yet. What its {@code copyTo} throws comes out of here, and nothing is
   * stored.
   */
  public CompletionStage<WriteOutcome> store(StoreCommand command) {
    BlockKey key = namespace.key(command.id());
    return engine.write(
        new WriteCommand(
            namespace.fingerprint(),
            key,
            key.label(),
            command.parent().map(parent -> namespace.key(parent).label()).orElse(0L),
            command.tokenCount(),
            namespace.namespace().elementType(),
            command.metadata(),
            command.payload(),
            command.claimedCrc32c(),
            command.ttlMillis(),
            command.priority(),
            command.ack(),
            command.ttlKind()));
  }
}
