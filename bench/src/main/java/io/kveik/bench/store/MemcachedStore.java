package io.kveik.bench.store;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.kveik.bench.block.BlockName;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * A store that speaks memcached's text protocol: set and get of a block under its key, a meta get
 * without value for each of a chain (memcached 1.6 or newer).
 */
final class MemcachedStore implements BlockStore {
  private static final String MISS = "END";
  private static final String BUSY = "SERVER_ERROR";
  private static final String LINE_END = "\r\n";
  private static final int TAIL_BYTES = "\r\nEND\r\n".length();

  private final String where;
  private final int blockBytes;

  MemcachedStore(String where, StoreSettings settings) {
    this.where = where;
    this.blockBytes = settings.blockBytes();
  }

  @Override
  public StoreConnection connect() throws IOException {
    return new Connection(StoreSocket.connect(where));
  }

  private final class Connection implements StoreConnection {
    private final StoreSocket socket;

    Connection(StoreSocket socket) {
      this.socket = socket;
    }

    @Override
    public WriteOutcome write(BlockName block, MemorySegment payload) throws IOException {
      socket.send(
          bytes("set %s 0 0 %d\r\n".formatted(block.key(), payload.byteSize())),
          payload.asByteBuffer(),
          bytes(LINE_END));
      String answer = socket.readLine();
      if (answer.equals("STORED")) {
        return WriteOutcome.STORED;
      }
      throwUnlessBusy(answer);
      return WriteOutcome.REFUSED;
    }

    @Override
    public ReadOutcome read(BlockName block, MemorySegment into) throws IOException {
      socket.send(bytes("get " + block.key() + LINE_END));
      byte[] head = "VALUE %s 0 %d\r\n".formatted(block.key(), blockBytes).getBytes(US_ASCII);
      Optional<String> other = socket.readPayload(head, into.asByteBuffer(), TAIL_BYTES);
      if (other.isEmpty()) {
        return ReadOutcome.FOUND;
      }
      if (other.get().equals(MISS)) {
        return ReadOutcome.MISSING;
      }
      throwUnlessBusy(other.get());
      return ReadOutcome.REFUSED;
    }

    @Override
    public LookupOutcome lookup(List<BlockName> chain) throws IOException {
      StringBuilder commands = new StringBuilder();
      chain.forEach(block -> commands.append("mg ").append(block.key()).append(LINE_END));
      socket.send(bytes(commands.toString()));
      int found = 0;
      boolean unbroken = true;
      for (int i = 0; i < chain.size(); i++) {
        String answer = socket.readLine();
        if (!answer.startsWith("HD") && !answer.equals("EN")) {
          throw unexpected(answer);
        }
        unbroken &= answer.startsWith("HD");
        found += unbroken ? 1 : 0;
      }
      return new LookupOutcome.Found(found);
    }

    @Override
    public void close() {
      socket.close();
    }
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(US_ASCII));
  }

  private static void throwUnlessBusy(String answer) throws IOException {
    if (!answer.startsWith(BUSY)) {
      throw unexpected(answer);
    }
  }

  private static IOException unexpected(String answer) {
    return new IOException("memcached answered '" + answer + "'");
  }
}
