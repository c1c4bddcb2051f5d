package io.kveik.server.tier;

/**
 * What encoding came to in a tier since it was opened.
 *
 * @param payloadBytes payloads that were put, as they came
 * @param storedBytes what was stored for them; as many where none was encoded
 * @param withoutScratch payloads that were stored as they are since there was no memory to encode
 *     into
 */
public record CodecTotals(long payloadBytes, long storedBytes, long withoutScratch) {
  /** Bytes that encoding spared the tier. */
  public long savedBytes() {
    return payloadBytes - storedBytes;
  }
}
