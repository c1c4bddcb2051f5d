package io.kveik.bench.trace;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A trace that can be read any number of times, the same each time. */
public sealed interface TraceSource permits TraceSource.OfFile, RecordedTrace, SyntheticTrace {
  /** What to call it in a report. */
  String name();

  /** Starts reading from the first request. */
  RequestStream open() throws IOException;

  /** One chain in so many is in the trace, of those that there were. */
  default int sampleOneIn() {
    return 1;
  }

  /**
   * The source a user names: a file, a server's recording or a file of one, or {@code
   * synthetic:NAME[,seed=N][,requests=N]}.
   *
   * @throws IOException when a recording can't be read
   * @throws IllegalArgumentException with a message for the user when there is no such thing
   */
  static TraceSource of(String text) throws IOException {
    if (text.startsWith(SyntheticTrace.PREFIX)) {
      return SyntheticTrace.parse(text);
    }
    Path file = Path.of(text);
    if (RecordedTrace.isAt(file)) {
      return RecordedTrace.open(file);
    }
    if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
      throw new IllegalArgumentException(
          "can't read a trace at %s; name a file of JSON lines (plain or gzip), a server's record.dir or %s"
              .formatted(file, SyntheticTrace.FORM));
    }
    return new OfFile(file);
  }

  /** A file that {@link TraceReader} reads. */
  record OfFile(Path file) implements TraceSource {
    @Override
    public String name() {
      return file.toString();
    }

    @Override
    public RequestStream open() throws IOException {
      return TraceReader.open(file);
    }
  }
}
