package io.kveik.server.tenant;

import io.kveik.server.block.BlockId;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.block.Namespace;
import java.util.Arrays;

/**
 * A resolved namespace: its fingerprint and the secret its blocks' identities are derived under.
 * Immutable, any thread.
 */
public final class NamespaceKeys {
  private final Namespace namespace;
  private final Fingerprint fingerprint;
  private final byte[] secret;

  private NamespaceKeys(Namespace namespace, Fingerprint fingerprint, byte[] secret) {
    this.namespace = namespace;
    this.fingerprint = fingerprint;
    this.secret = secret;
  }

  static NamespaceKeys of(Namespace namespace, byte[] tenantKey) {
    Fingerprint fingerprint = Fingerprint.of(derive("namespace", namespace, tenantKey));
    byte[] secret = derive("blocks", namespace, tenantKey);
    return new NamespaceKeys(
        namespace, fingerprint, Arrays.copyOf(secret, BlockKeyHash.SECRET_BYTES));
  }

  private static byte[] derive(String purpose, Namespace namespace, byte[] tenantKey) {
    return KeyedHash.under(tenantKey)
        .text(purpose)
        .text(namespace.tenant())
        .text(namespace.resource())
        .text(namespace.container())
        .text(namespace.partition())
        .text(namespace.model())
        .digest();
  }

  public Namespace namespace() {
    return namespace;
  }

  public Fingerprint fingerprint() {
    return fingerprint;
  }

  /** The key of a native block. */
  public BlockKey key(BlockId id) {
    return BlockKeyHash.ofThread().key(secret, id);
  }

  /**
   * The key of a v1 block.
   *
   * @param parentLabel what the block before it bears; 0 for the first
   * @param tokens its own
   */
  public BlockKey key(long parentLabel, long[] tokens) {
    return BlockKeyHash.ofThread().key(secret, parentLabel, tokens);
  }
}
