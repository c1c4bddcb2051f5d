package io.kveik.server.data;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;

/**
 * A blocking client of {@link SlotExchange} that receives into its own off-heap memory. One thread
 * at a time.
 */
final class SlotClient implements AutoCloseable {
  static final int ROOM_BYTES = SlotExchange.HEAD_BYTES + SlotExchange.PAYLOAD_BYTES;

  private final SocketChannel socket;
  private final ByteBuffer room;
  private final SplittableRandom random;

  /**
   * Connects.
   *
   * @param room {@link #ROOM_BYTES} for requests and their answers
   */
  SlotClient(SocketAddress address, ByteBuffer room, long seed) throws IOException {
    this.room = room;
    this.random = new SplittableRandom(seed);
    boolean tcp = address instanceof InetSocketAddress;
    socket = SocketChannel.open(tcp ? StandardProtocolFamily.INET : StandardProtocolFamily.UNIX);
    socket.setOption(StandardSocketOptions.SO_RCVBUF, ModelServer.SOCKET_BUFFER_BYTES);
    if (tcp) {
      socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }
    socket.connect(address);
  }

  /**
   * Calls, one after the other, until it is told to stop.
   *
   * @param answered is told of the first answer
   * @return {@link System#nanoTime} at the begin and then at the end of each call, which is where
   *     the next began
   */
  long[] callUntil(AtomicBoolean stop, CountDownLatch answered) throws IOException {
    LongStream.Builder ends = LongStream.builder().add(System.nanoTime());
    call();
    ends.add(System.nanoTime());
    answered.countDown();
    while (!stop.get()) {
      call();
      ends.add(System.nanoTime());
    }
    return ends.build().toArray();
  }

  /**
   * Asks for a random slot and checks both ends of what comes.
   *
   * @throws IllegalStateException when it is another's
   */
  private void call() throws IOException {
    long slot = random.nextInt(SlotExchange.SLOTS);
    room.clear().putLong(slot).flip();
    while (room.hasRemaining()) {
      socket.write(room);
    }
    room.clear();
    while (room.hasRemaining()) {
      if (socket.read(room) < 0) {
        throw new EOFException("the server has closed the connection");
      }
    }
    if (room.getLong(0) != slot
        || room.getLong(SlotExchange.HEAD_BYTES) != SlotExchange.mark(slot)
        || room.getLong(ROOM_BYTES - Long.BYTES) != SlotExchange.mark(slot)) {
      throw new IllegalStateException("what came is not slot " + slot);
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
