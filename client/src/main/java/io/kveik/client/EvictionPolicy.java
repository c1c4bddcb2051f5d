package io.kveik.client;

/** Which of a namespace's blocks go first where room is short. */
public enum EvictionPolicy {
  /** What the server is configured to use; none of the namespace's own. */
  SERVER,
  DEFAULT,
  LRU,
  S3_FIFO,
  ARC,
  HIT_DENSITY
}
