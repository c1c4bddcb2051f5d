package io.kveik.server.recording;

/**
 * What blocks of a namespace are like.
 *
 * @param tokens of a full block
 * @param bytes payload and attributes of one
 */
record BlockShape(int tokens, int bytes) {
  static final BlockShape UNKNOWN = new BlockShape(0, 0);
}
