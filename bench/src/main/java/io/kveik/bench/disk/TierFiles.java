package io.kveik.bench.disk;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The tier's own segment files, read past the tier: what is raw and what is the tier's are then the
 * same bytes at the same place of the disk. Records of one length lie one behind the other from the
 * second page on (docs/formats.md). Any thread.
 */
final class TierFiles implements AutoCloseable {
  /** In a record's header: where it lies in its file, u64. */
  private static final int POSITION_OFFSET = 24;

  private record Place(RawFile file, long position) {}

  private final List<RawFile> files = new ArrayList<>();
  private final List<Place> places = new ArrayList<>();

  private TierFiles() {}

  /**
   * Finds the places of that many records.
   *
   * @param directory of the tier
   */
  static TierFiles open(Path directory, int records, int recordBytes) throws IOException {
    TierFiles found = new TierFiles();
    boolean whole = false;
    try (Stream<Path> segments = Files.list(directory.resolve("segments"));
        Arena arena = Arena.ofConfined()) {
      ByteBuffer page = arena.allocate(RawFile.PAGE, RawFile.PAGE).asByteBuffer();
      for (Path segment : segments.sorted().toList()) {
        found.add(segment, recordBytes, page);
      }
      if (found.places.size() < records) {
        throw new IOException(
            "%s: %d records of %d bytes, looked for %d"
                .formatted(directory, found.places.size(), recordBytes, records));
      }
      whole = true;
      return found;
    } finally {
      if (!whole) {
        found.close();
      }
    }
  }

  private void add(Path segment, int recordBytes, ByteBuffer page) throws IOException {
    RawFile file = new RawFile(segment, recordBytes);
    files.add(file);
    long length = Files.size(segment);
    for (long at = RawFile.PAGE; at + recordBytes <= length; at += recordBytes) {
      file.readAt(at, page);
      // Else it is the table of a full segment, or nothing, which the file system would not read.
      if (page.getLong(POSITION_OFFSET) == at) {
        places.add(new Place(file, at));
      }
    }
  }

  /** Fills the memory, which is aligned, with one of the records. */
  void read(int record, ByteBuffer into) throws IOException {
    Place place = places.get(record);
    place.file().readAt(place.position(), into);
  }

  @Override
  public void close() throws IOException {
    for (RawFile file : files) {
      file.close();
    }
  }
}
