package io.kveik.bench.store;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.kveik.bench.block.BlockName;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/** A store that speaks RESP: SET and GET of a block under its key, EXISTS for each of a chain. */
final class RedisStore implements BlockStore {
  private static final String MISS = "$-1";
  private static final List<String> BUSY = List.of("-OOM", "-LOADING", "-BUSY");
  private static final byte[] LINE_END = "\r\n".getBytes(US_ASCII);

  private final String where;
  private final byte[] head;

  RedisStore(String where, StoreSettings settings) {
    this.where = where;
    this.head = "$%d\r\n".formatted(settings.blockBytes()).getBytes(US_ASCII);
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
      String start = command("*3", "SET", block.key()) + "$%d\r\n".formatted(payload.byteSize());
      socket.send(bytes(start), payload.asByteBuffer(), ByteBuffer.wrap(LINE_END));
      String answer = socket.readLine();
      if (answer.equals("+OK")) {
        return WriteOutcome.STORED;
      }
      throwUnlessBusy(answer);
      return WriteOutcome.REFUSED;
    }

    @Override
    public ReadOutcome read(BlockName block, MemorySegment into) throws IOException {
      socket.send(bytes(command("*2", "GET", block.key())));
      Optional<String> other = socket.readPayload(head, into.asByteBuffer(), LINE_END.length);
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
      chain.forEach(block -> commands.append(command("*2", "EXISTS", block.key())));
      socket.send(bytes(commands.toString()));
      int found = 0;
      boolean unbroken = true;
      boolean busy = false;
      for (int i = 0; i < chain.size(); i++) {
        String answer = socket.readLine();
        if (!answer.startsWith(":")) {
          throwUnlessBusy(answer);
          busy = true;
        }
        unbroken &= answer.equals(":1");
        found += unbroken ? 1 : 0;
      }
      return busy ? LookupOutcome.REFUSED : new LookupOutcome.Found(found);
    }

    @Override
    public void close() {
      socket.close();
    }
  }

  private static String command(String parts, String verb, String key) {
    return "%s\r\n$%d\r\n%s\r\n$%d\r\n%s\r\n"
        .formatted(parts, verb.length(), verb, key.length(), key);
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(US_ASCII));
  }

  private static void throwUnlessBusy(String answer) throws IOException {
    if (BUSY.stream().noneMatch(answer::startsWith)) {
      throw new IOException("redis answered '" + answer + "'");
    }
  }
}
