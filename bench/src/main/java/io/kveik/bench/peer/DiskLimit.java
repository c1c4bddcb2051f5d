package io.kveik.bench.peer;

import io.kveik.bench.disk.RawFile;
import io.kveik.bench.endpoint.ProcessFigures;
import io.kveik.bench.store.Protocol;
import io.kveik.bench.store.StoreAddress;
import io.kveik.server.cli.Terminal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The limit of the disk that a server of our own has too: a file in the temporary directory.
 *
 * @param file ends with this
 */
record DiskLimit(Path file) implements Contender {
  /**
   * Makes the file.
   *
   * @throws IllegalArgumentException when such blocks can't be read past the page cache
   */
  static DiskLimit create(int blockBytes) throws IOException {
    if (blockBytes % RawFile.PAGE != 0) {
      throw new IllegalArgumentException(
          "block-bytes=%d: raw disk I/O needs a multiple of %d; give --no-limits to go without"
              .formatted(blockBytes, RawFile.PAGE));
    }
    return new DiskLimit(Files.createTempFile("kveik-peer-", ".raw"));
  }

  @Override
  public String name() {
    return LimitKind.DISK.key();
  }

  @Override
  public Role role() {
    return Role.LIMIT;
  }

  @Override
  public String description() {
    return "a file read and written past the page cache (O_DIRECT), within the client's process";
  }

  @Override
  public StoreAddress address() {
    return new StoreAddress(Protocol.DISK, file.toString());
  }

  @Override
  public Optional<ProcessFigures> figures() {
    return Optional.empty();
  }

  @Override
  public void close() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      System.err.println(Terminal.safe("left behind: " + file + " (" + e.getMessage() + ")"));
    }
  }
}
