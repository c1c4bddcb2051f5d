package io.kveik.server.tier.object;

/**
 * Why a call did not come to an answer.
 *
 * @param kind what a caller can do about it
 * @param retryAfterMillis how long the store asked to be left alone; 0 when it did not say
 * @param reason for the log: no secrets, no account keys, no signed URLs
 */
public record BlobFailure(Kind kind, long retryAfterMillis, String reason) {
  /** What went wrong, by what helps. */
  public enum Kind {
    /** The store is overloaded (503, 429): later, less often. */
    THROTTLED,
    /** No connection, a reset, a time-out, a 500: the next try may go through. */
    UNAVAILABLE,
    /**
     * Refused for good (401, 403, no such container, a malformed request): trying again is vain.
     */
    REFUSED
  }
}
