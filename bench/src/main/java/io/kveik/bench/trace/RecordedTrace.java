package io.kveik.bench.trace;

import io.kveik.server.recording.AccessLogHeader;
import io.kveik.server.recording.AccessLogReader;
import io.kveik.server.recording.RecordingFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a server recorded of its lookups, as a trace: an id is a block. The server may go on
 * recording: the files are those that there were at first, and the end of the youngest may be torn.
 *
 * @param path the directory, or one file of it
 * @param files oldest first
 * @param sampleOneIn the same in all of them
 */
public record RecordedTrace(Path path, List<Path> files, int sampleOneIn) implements TraceSource {
  /** True for a directory, and for a file that begins as one of a recording does. */
  static boolean isAt(Path path) throws IOException {
    return Files.isDirectory(path)
        || (Files.isRegularFile(path)
            && Files.isReadable(path)
            && RecordingFiles.isRecording(path));
  }

  /**
   * Finds the files of a recording.
   *
   * @throws IllegalArgumentException with a message for the user when there are none, or when they
   *     are samples of different sizes
   */
  static RecordedTrace open(Path path) throws IOException {
    List<Path> files = new ArrayList<>();
    OptionalInt sample = OptionalInt.empty();
    for (Path file : Files.isDirectory(path) ? RecordingFiles.in(path) : List.of(path)) {
      Optional<AccessLogHeader> header;
      try (AccessLogReader reader = AccessLogReader.open(file)) {
        header = reader.header();
      }
      if (header.isEmpty()) {
        continue;
      }
      int oneIn = header.get().sampleOneIn();
      if (sample.isPresent() && sample.getAsInt() != oneIn) {
        throw new IllegalArgumentException(
            "%s has one chain in %d, files before it in %s one in %d (record.sample): name single files"
                .formatted(file, oneIn, path, sample.getAsInt()));
      }
      sample = OptionalInt.of(oneIn);
      files.add(file);
    }
    return new RecordedTrace(
        path,
        List.copyOf(files),
        sample.orElseThrow(() ->
            new IllegalArgumentException(
                "no recording in %s: a server with --record-dir writes files named *.kva there"
                    .formatted(path))));
  }

  @Override
  public String name() {
    return path.toString();
  }

  @Override
  public RequestStream open() {
    return new RecordedRequests(files);
  }
}
