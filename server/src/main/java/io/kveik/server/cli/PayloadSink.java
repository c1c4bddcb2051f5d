package io.kveik.server.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where {@code get} puts payloads: nowhere, standard output, or a file. A file appears under its
 * name only when all of it is there ({@link #keep}), else not at all. One thread.
 */
final class PayloadSink implements AutoCloseable {
  private final @Nullable WritableByteChannel channel;
  private final @Nullable Path file;
  private final @Nullable Path partial;

  private PayloadSink(
      @Nullable WritableByteChannel channel, @Nullable Path file, @Nullable Path partial) {
    this.channel = channel;
    this.file = file;
    this.partial = partial;
  }

  /**
   * @param output a file's path, "-" for standard output, null for nowhere
   */
  static PayloadSink open(@Nullable String output) throws IOException {
    if (output == null) {
      return new PayloadSink(null, null, null);
    }
    if (output.equals("-")) {
      return new PayloadSink(Channels.newChannel(System.out), null, null);
    }
    Path file = Path.of(output).toAbsolutePath();
    Path partial = file.resolveSibling(file.getFileName() + ".partial");
    FileChannel channel =
        FileChannel.open(
            partial,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING);
    return new PayloadSink(channel, file, partial);
  }

  /**
   * Appends.
   *
   * @throws UncheckedIOException when the destination takes no more
   */
  void write(List<ByteBuffer> parts) {
    if (channel == null) {
      return;
    }
    try {
      for (ByteBuffer part : parts) {
        while (part.hasRemaining()) {
          channel.write(part);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Gives a file its name. */
  void keep() throws IOException {
    if (channel != null && file != null && partial != null) {
      channel.close();
      Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING);
    } else if (channel != null && System.out.checkError()) {
      throw new IOException("standard output takes no more");
    }
  }

  /** Removes what was not kept. */
  @Override
  public void close() throws IOException {
    if (channel != null && partial != null) {
      channel.close();
      Files.deleteIfExists(partial);
    }
  }
}
