package io.kveik.server.data;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * The server's side of one connection, a step at a time, for blocking and non-blocking sockets
 * alike. An answer is one gathering write of a head and the slot's own memory. One thread at a
 * time.
 *
 * <pre>
 * request, big-endian: slot (8)      answer: slot (8), length (8), payload
 * payload: mark (8), what nobody looks at, mark (8)
 * </pre>
 */
final class SlotExchange {
  static final int PAYLOAD_BYTES = 1_228_800;
  static final int HEAD_BYTES = 2 * Long.BYTES;

  /** 614 MB of payloads, far beyond any cache. */
  static final int SLOTS = 500;

  private final SocketChannel socket;
  private final MemorySegment slots;
  private final ByteBuffer request = ByteBuffer.allocateDirect(Long.BYTES);
  private final ByteBuffer head = ByteBuffer.allocateDirect(HEAD_BYTES);
  private final ByteBuffer[] answer = {head, ByteBuffer.allocate(0)};

  SlotExchange(SocketChannel socket, MemorySegment slots) {
    this.socket = socket;
    this.slots = slots;
  }

  /** Writes every byte of the slots, the marks among them. */
  static void fill(MemorySegment slots) {
    slots.fill((byte) 1);
    for (int slot = 0; slot < SLOTS; slot++) {
      payload(slots, slot).putLong(0, mark(slot)).putLong(PAYLOAD_BYTES - Long.BYTES, mark(slot));
    }
  }

  /** The first and the last 8 bytes of a slot's payload. */
  static long mark(long slot) {
    return (slot + 1) * 0x9E3779B97F4A7C15L;
  }

  /** Reads once; true when the request is whole, and its answer ready to be sent. */
  boolean receive() throws IOException {
    if (socket.read(request) < 0) {
      throw new EOFException();
    }
    if (request.hasRemaining()) {
      return false;
    }
    long slot = request.getLong(0);
    request.clear();
    head.clear().putLong(slot).putLong(PAYLOAD_BYTES).flip();
    answer[1] = payload(slots, slot);
    return true;
  }

  /** Writes once; true when the socket has taken all of the answer. */
  boolean send() throws IOException {
    socket.write(answer);
    return !answer[1].hasRemaining();
  }

  private static ByteBuffer payload(MemorySegment slots, long slot) {
    return slots.asSlice(slot * PAYLOAD_BYTES, PAYLOAD_BYTES).asByteBuffer();
  }
}
