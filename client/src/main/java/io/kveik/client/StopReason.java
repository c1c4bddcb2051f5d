package io.kveik.client;

/** Why a lookup found no block at the place where the cached prefix ends. */
public enum StopReason {
  /** The server gave no reason, or one that this client does not know. */
  UNSPECIFIED,
  /** Never seen, or gone for too long to be remembered. */
  NEVER_STORED,
  /** Evicted to make room. */
  EVICTED,
  /** Older than its time to live. */
  EXPIRED,
  /** Failed its checksum and was quarantined. */
  CORRUPT,
  /** Deleted on request. */
  DELETED,
  /** A tier that may hold it is down. */
  TIER_DOWN,
  /** The lookup's budget was spent before the block was found. */
  OVER_BUDGET,
  /** Its write was dropped before it reached a tier, because a queue was full. */
  DROPPED
}
