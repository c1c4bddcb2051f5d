package io.kveik.bench.store;

import io.kveik.bench.block.BlockName;
import io.kveik.bench.disk.RawFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/**
 * No store at all: the working set lies in a file, which is read past the page cache. What a run
 * against it reaches is the limit of this machine's disk.
 */
final class DiskStore implements BlockStore {
  /** Blocks beside the working set go round in so many more places. */
  private static final int SPARE_PLACES = 16;

  private final Path file;
  private final StoreSettings settings;

  /**
   * @param where the file's path
   */
  DiskStore(String where, StoreSettings settings) {
    this.file = Path.of(where);
    this.settings = settings;
  }

  @Override
  public StoreConnection connect() throws IOException {
    return new Connection(new RawFile(file, settings.blockBytes()));
  }

  private int place(BlockName block) {
    int working = settings.workingBlocks();
    return block.number() >= 0 && block.number() < working
        ? (int) block.number()
        : working + (int) Long.remainderUnsigned(block.number(), SPARE_PLACES);
  }

  private final class Connection implements StoreConnection {
    private final RawFile raw;

    Connection(RawFile raw) {
      this.raw = raw;
    }

    @Override
    public WriteOutcome write(BlockName block, MemorySegment payload) throws IOException {
      raw.write(place(block), payload.asByteBuffer());
      return WriteOutcome.STORED;
    }

    @Override
    public ReadOutcome read(BlockName block, MemorySegment into) throws IOException {
      ByteBuffer memory = into.asByteBuffer();
      raw.read(place(block), memory);
      return ReadOutcome.FOUND;
    }

    @Override
    public LookupOutcome lookup(List<BlockName> chain) {
      return new LookupOutcome.Found(chain.size());
    }

    @Override
    public void close() {
      try {
        raw.close();
      } catch (IOException e) {
        // Nothing is waited for.
      }
    }
  }
}
