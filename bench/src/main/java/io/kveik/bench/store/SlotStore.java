package io.kveik.bench.store;

import io.kveik.bench.block.BlockName;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.List;

/** The client's side of {@link SlotProtocol}. */
final class SlotStore implements BlockStore {
  private final String where;

  SlotStore(String where) {
    this.where = where;
  }

  @Override
  public StoreConnection connect() throws IOException {
    return new Connection(StoreSocket.open(where));
  }

  private static final class Connection implements StoreConnection {
    private final SocketChannel channel;
    private final ByteBuffer ack = ByteBuffer.allocateDirect(SlotProtocol.ACK_BYTES);

    Connection(SocketChannel channel) {
      this.channel = channel;
    }

    @Override
    public WriteOutcome write(BlockName block, MemorySegment payload) throws IOException {
      StoreSocket.sendAll(
          channel,
          SlotProtocol.request(SlotProtocol.WRITE, (int) payload.byteSize(), block.number()),
          payload.asByteBuffer());
      receive(ack.clear());
      return WriteOutcome.STORED;
    }

    @Override
    public ReadOutcome read(BlockName block, MemorySegment into) throws IOException {
      StoreSocket.sendAll(
          channel, SlotProtocol.request(SlotProtocol.READ, (int) into.byteSize(), block.number()));
      receive(into.asByteBuffer());
      return ReadOutcome.FOUND;
    }

    @Override
    public LookupOutcome lookup(List<BlockName> chain) throws IOException {
      StoreSocket.sendAll(channel, SlotProtocol.request(SlotProtocol.LOOKUP, 0, 0));
      receive(ack.clear());
      return new LookupOutcome.Found(chain.size());
    }

    @Override
    public void close() {
      try {
        channel.close();
      } catch (IOException e) {
        // It was to end, and it has.
      }
    }

    private void receive(ByteBuffer into) throws IOException {
      while (into.hasRemaining()) {
        if (channel.read(into) < 0) {
          throw new EOFException("the slot server has closed the connection");
        }
      }
    }
  }
}
