package io.kveik.server.tier.object;

import io.kveik.server.memory.Lease;
import java.util.Map;

/** What a call to a {@link BlobStore} came to. */
public sealed interface BlobOutcome {
  /** What a put can come to. */
  sealed interface Put extends BlobOutcome {}

  /** What a get can come to. */
  sealed interface Get extends BlobOutcome {}

  /** What a head can come to. */
  sealed interface Head extends BlobOutcome {}

  /** What a delete can come to. */
  sealed interface Delete extends BlobOutcome {}

  /** This call made the blob. */
  record Created() implements Put {}

  /** A blob of that name was there; nothing changed. */
  record Exists() implements Put {}

  /**
   * The blob's bytes are in memory.
   *
   * @param metadata as put, names in lower case
   * @param body what the sink gave; the receiver closes it
   * @param length bytes of the body that are the blob's
   */
  record Fetched(Map<String, String> metadata, Lease body, long length) implements Get {}

  /**
   * The sink took no bytes of it: there is no room, or what the metadata says is nonsense.
   *
   * @param metadata what the sink was told, names in lower case
   * @param length what the sink was told
   */
  record Declined(Map<String, String> metadata, long length) implements Get {}

  /**
   * The blob is there.
   *
   * @param metadata as put, names in lower case
   * @param length in bytes
   */
  record Present(Map<String, String> metadata, long length) implements Head {}

  record NotThere() implements Get, Head {}

  /** It is not there any more, or never was. */
  record Deleted() implements Delete {}

  /** Whether the call had an effect is unknown. */
  record Failed(BlobFailure failure) implements Put, Get, Head, Delete {}
}
