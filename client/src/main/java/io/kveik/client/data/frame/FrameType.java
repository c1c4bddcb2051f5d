package io.kveik.client.data.frame;

import java.util.Optional;

/** What a frame is; the codes are those on the wire. */
public enum FrameType {
  /** Client, first of a connection: version, ticket, credit. */
  HELLO(1),
  /** Server, answer to HELLO: version, limits. */
  WELCOME(2),
  /** Client: blocks wanted, and credit for them. */
  LOAD(3),
  /** Server: one block of a LOAD, or why there is none. */
  BLOCK(4),
  /** Client: a block to keep. */
  STORE(5),
  /** Server: what became of a STORE. */
  STORED(6),
  /** Client: more payload bytes that the server may send. */
  CREDIT(7),
  /** Client: nothing more is wanted of a LOAD. */
  CANCEL(8),
  /** Client: shows that it is alive, asks whether the server is. */
  PING(9),
  /** Server, answer to PING. */
  PONG(10),
  /** Server, last of a connection: what the client did wrong. */
  ERROR(11),
  /** Server: requests with larger ids than this frame's will not be answered. */
  GOAWAY(12),
  /** Client, on the server's host: blocks that it wants to read in place. */
  LEND(13),
  /** Server: where one block of a LEND lies, or why it is not lent. */
  LENT(14),
  /** Client: leases that it needs no longer; not answered. */
  RELEASE(15),
  /** Client: how much of a chain is cached. */
  MATCH(16),
  /** Server: what a MATCH found, or that it is to be asked over gRPC. */
  MATCHED(17);

  private static final FrameType[] BY_CODE = new FrameType[values().length + 1];

  static {
    for (FrameType type : values()) {
      BY_CODE[type.code] = type;
    }
  }

  private final byte code;

  FrameType(int code) {
    this.code = (byte) code;
  }

  byte code() {
    return code;
  }

  static Optional<FrameType> of(byte code) {
    return code > 0 && code < BY_CODE.length ? Optional.of(BY_CODE[code]) : Optional.empty();
  }

  /** True for the frames that end in a payload. */
  public boolean hasPayload() {
    return this == BLOCK || this == STORE;
  }
}
