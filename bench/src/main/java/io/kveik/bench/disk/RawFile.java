package io.kveik.bench.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Set;

/** A file with nothing around it: records of one length, past the page cache. Any thread. */
public final class RawFile implements AutoCloseable {
  /** What offsets, lengths and memory are to be multiples of, in bytes. */
  public static final int PAGE = 4096;

  private final FileChannel channel;
  private final int recordBytes;

  /**
   * Opens it, makes it where it is not.
   *
   * @param recordBytes a multiple of {@link #PAGE}
   */
  public RawFile(Path file, int recordBytes) throws IOException {
    this.channel =
        FileChannel.open(
            file,
            Set.of(
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                directOption()));
    this.recordBytes = recordBytes;
  }

  /** By name: the compiler warns of whoever names an option outside the standard API. */
  private static OpenOption directOption() throws IOException {
    try {
      return (OpenOption)
          Arrays.stream(Class.forName("com.sun.nio.file.ExtendedOpenOption").getEnumConstants())
              .filter(option -> option.toString().equals("DIRECT"))
              .findFirst()
              .orElseThrow(() -> new IOException("this JDK has no direct I/O"));
    } catch (ClassNotFoundException e) {
      throw new IOException("this JDK has no direct I/O", e);
    }
  }

  /** Writes all of the memory, which is aligned. */
  public void write(int record, ByteBuffer from) throws IOException {
    from.clear();
    while (from.hasRemaining()) {
      channel.write(from, (long) record * recordBytes + from.position());
    }
  }

  /** Fills the memory, which is aligned. */
  public void read(int record, ByteBuffer into) throws IOException {
    readAt((long) record * recordBytes, into);
  }

  /** The same from any page on. */
  void readAt(long position, ByteBuffer into) throws IOException {
    into.clear();
    while (into.hasRemaining()) {
      if (channel.read(into, position + into.position()) < 0) {
        throw new IOException("raw file ends early");
      }
    }
  }

  void force() throws IOException {
    channel.force(false);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
