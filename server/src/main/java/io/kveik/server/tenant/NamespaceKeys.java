package io.kveik.server.tenant;

import io.kveik.server.block.BlockId;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.block.Namespace;
import javax.crypto.Mac;

/**
 * A resolved namespace: its fingerprint and the key its blocks' identities are derived under.
 * Immutable, any thread.
 */
public final class NamespaceKeys {
  private final Namespace namespace;
  private final Fingerprint fingerprint;
  private final Mac prototype;
  private final IdKeys idKeys;

  private NamespaceKeys(
      Namespace namespace, Fingerprint fingerprint, Mac prototype, IdKeys idKeys) {
    this.namespace = namespace;
    this.fingerprint = fingerprint;
    this.prototype = prototype;
    this.idKeys = idKeys;
  }

  static NamespaceKeys of(Namespace namespace, byte[] tenantKey) {
    Fingerprint fingerprint =
        Fingerprint.of(
            KeyedHash.under(tenantKey)
                .text("namespace")
                .text(namespace.tenant())
                .text(namespace.resource())
                .text(namespace.container())
                .text(namespace.partition())
                .text(namespace.model())
                .digest());
    return new NamespaceKeys(
        namespace, fingerprint, KeyedHash.mac(tenantKey), new IdKeys(tenantKey, fingerprint));
  }

  public Namespace namespace() {
    return namespace;
  }

  public Fingerprint fingerprint() {
    return fingerprint;
  }

  /** The key of a native block. */
  public BlockKey key(BlockId id) {
    return idKeys.key(id);
  }

  /** A keyed hash of the caller's own, ready for input. */
  public Mac newMac() {
    try {
      return (Mac) prototype.clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("the platform's HMAC can be cloned", e);
    }
  }
}
