package io.kveik.server.block;

/**
 * Everything that is known of a block besides its bytes; travels with it through every tier.
 *
 * @param key the block's identity
 * @param namespace fingerprint of the namespace it belongs to
 * @param label the writer's 64-bit label of the block, unique within the namespace by intent only
 * @param parentLabel label of the block before it in the chain; 0 for the first
 * @param depth how many cached blocks came before it in its chain when it was written; 0 for the
 *     first and for one whose parent was not here
 * @param tokenCount tokens whose KV the payload holds
 * @param attributesLength bytes of protocol attributes stored behind the payload
 * @param payloadLength bytes of KV
 * @param attributesCrc32c CRC32C of the attributes
 * @param payloadCrc32c CRC32C of the payload
 * @param writtenAtMillis wall clock, epoch milliseconds
 * @param expiresAtMillis wall clock, epoch milliseconds: when the block's life ends, or would if it
 *     began as the block was written; {@link #NEVER_EXPIRES} for no TTL
 * @param priority 0 to {@link #MAX_PRIORITY}: how often eviction passes over the block
 * @param elementType what the payload's numbers are
 * @param ttlKind what the TTL counts from; {@link TtlKind#ABSOLUTE} without one
 */
public record BlockHeader(
    BlockKey key,
    Fingerprint namespace,
    long label,
    long parentLabel,
    int depth,
    int tokenCount,
    int attributesLength,
    int payloadLength,
    int attributesCrc32c,
    int payloadCrc32c,
    long writtenAtMillis,
    long expiresAtMillis,
    int priority,
    ElementType elementType,
    TtlKind ttlKind) {
  public static final long NEVER_EXPIRES = 0;
  public static final int MAX_PRIORITY = 3;

  /** Of a block whose TTL, if it has one, counts from when it was written. */
  public BlockHeader(
      BlockKey key,
      Fingerprint namespace,
      long label,
      long parentLabel,
      int depth,
      int tokenCount,
      int attributesLength,
      int payloadLength,
      int attributesCrc32c,
      int payloadCrc32c,
      long writtenAtMillis,
      long expiresAtMillis,
      int priority,
      ElementType elementType) {
    this(
        key,
        namespace,
        label,
        parentLabel,
        depth,
        tokenCount,
        attributesLength,
        payloadLength,
        attributesCrc32c,
        payloadCrc32c,
        writtenAtMillis,
        expiresAtMillis,
        priority,
        elementType,
        TtlKind.ABSOLUTE);
  }

  /** Of such a block whose payload's numbers are not declared. */
  public BlockHeader(
      BlockKey key,
      Fingerprint namespace,
      long label,
      long parentLabel,
      int depth,
      int tokenCount,
      int attributesLength,
      int payloadLength,
      int attributesCrc32c,
      int payloadCrc32c,
      long writtenAtMillis,
      long expiresAtMillis,
      int priority) {
    this(
        key,
        namespace,
        label,
        parentLabel,
        depth,
        tokenCount,
        attributesLength,
        payloadLength,
        attributesCrc32c,
        payloadCrc32c,
        writtenAtMillis,
        expiresAtMillis,
        priority,
        ElementType.UNDECLARED);
  }

  /** What names the block to a tier. */
  public BlockRef ref() {
    return new BlockRef(namespace, key);
  }

  /** Bytes of payload and attributes together. */
  public long bodyLength() {
    return (long) payloadLength + attributesLength;
  }

  /** How long the block may live from where its {@link #ttlKind} says; 0 for no TTL. */
  public long ttlMillis() {
    return expiresAtMillis == NEVER_EXPIRES ? 0 : expiresAtMillis - writtenAtMillis;
  }

  /**
   * When the block is over, epoch milliseconds; {@link #NEVER_EXPIRES} for no TTL and where it
   * depends on uses, which a header knows nothing of.
   */
  public long endsAtMillis() {
    return ttlKind == TtlKind.ABSOLUTE ? expiresAtMillis : NEVER_EXPIRES;
  }

  /** False where it depends on uses. */
  public boolean expiredAt(long wallMillis) {
    long at = endsAtMillis();
    return at != NEVER_EXPIRES && wallMillis >= at;
  }
}
