package io.kveik.server.cli;

import io.kveik.server.config.Configuration;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What {@code put} stores: a file's bytes in equal parts, or bytes that follow from the labels. */
final class PayloadOptions {
  /** Four times what a server takes by default. */
  private static final long MAX_GENERATED_BYTES = 256L << 20;

  private static final int DEFAULT_GENERATED_BYTES = 4_096;

  @Option(
      names = "--payload",
      paramLabel = "FILE",
      description = "Bytes to store, split evenly over the blocks.")
  private @Nullable Path file;

  @Option(
      names = "--payload-bytes",
      paramLabel = "SIZE",
      description =
          "Store so many bytes per block, which follow from the block's label. Default: 4096.")
  private @Nullable String generated;

  /**
   * The payload of each block, by its index.
   *
   * @param labels the blocks' labels
   * @param arena owns the memory of a file
   */
  IntFunction<MemorySegment> open(long[] labels, Arena arena) {
    if (file == null) {
      int bytes = generatedBytes();
      return i -> MemorySegment.ofArray(generate(labels[i], bytes));
    }
    if (generated != null) {
      throw CommandException.usage("give one of --payload and --payload-bytes");
    }
    MemorySegment all;
    try (FileChannel channel = FileChannel.open(file)) {
      all = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
    } catch (IOException e) {
      throw CommandException.usage("--payload: can't read " + file + " (" + e + ")");
    }
    long each = all.byteSize() / labels.length;
    if (each == 0 || each * labels.length != all.byteSize()) {
      throw CommandException.usage(
          "--payload: %s has %d bytes, which %d blocks can't share evenly"
              .formatted(file, all.byteSize(), labels.length));
    }
    return i -> all.asSlice(i * each, each);
  }

  /** Bytes that depend on the label alone. */
  static byte[] generate(long label, int length) {
    byte[] bytes = new byte[length];
    new SplittableRandom(label).nextBytes(bytes);
    return bytes;
  }

  private int generatedBytes() {
    if (generated == null) {
      return DEFAULT_GENERATED_BYTES;
    }
    long bytes;
    try {
      bytes = Configuration.parseBytes(generated);
    } catch (ArithmeticException | NumberFormatException e) {
      bytes = 0;
    }
    if (bytes < 1 || bytes > MAX_GENERATED_BYTES) {
      throw CommandException.usage(
          "--payload-bytes: '%s', must be 1 to %d, or a number with KiB or MiB"
              .formatted(generated, MAX_GENERATED_BYTES));
    }
    return (int) bytes;
  }
}
