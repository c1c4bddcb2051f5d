package io.kveik.server.recording;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The names of a recording's files: a number of 16 hexadecimal digits and {@code .kva}. */
public final class RecordingFiles {
  private static final Pattern NAME = Pattern.compile("[0-7][0-9a-f]{15}\\.kva");
  private static final int DIGITS = 16;
  private static final int HEX = 16;

  private RecordingFiles() {}

  /** Those in a directory, oldest first. */
  public static List<Path> in(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> NAME.matcher(nameOf(file)).matches()).sorted().toList();
    }
  }

  /** True when the file begins as one of a recording does. */
  public static boolean isRecording(Path file) throws IOException {
    ByteBuffer start = ByteBuffer.allocate(Integer.BYTES);
    try (FileChannel in = FileChannel.open(file)) {
      while (start.hasRemaining() && in.read(start) > 0) {
        // Reads are short at times.
      }
    }
    return AccessLogDescriptor.startsAsLog(start.flip());
  }

  static String name(long sequence) {
    return "%016x.kva".formatted(sequence);
  }

  static long sequence(Path file) {
    return Long.parseLong(nameOf(file), 0, DIGITS, HEX);
  }

  private static String nameOf(Path file) {
    return String.valueOf(file.getFileName());
  }
}
