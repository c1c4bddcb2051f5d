package io.kveik.server.tier.object.presence;

import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a segment of a digest is, as its blob's path says: {@code
 * presence/1/WRITER/FIRST-LAST.KIND}, three numbers of 16 hexadecimal digits and {@code delta} or
 * {@code base}. Blobs of that path never change, so a listing tells which are new without a fetch.
 *
 * @param writer the server process that made it
 * @param first generation that it begins with; 0 for a base
 * @param last generation that it ends with, not before the first
 */
record SegmentName(long writer, long first, long last, Kind kind) {
  /** Where all segments of a container are; the number is the layout's version. */
  static final String PREFIX = "presence/1/";

  private static final Pattern PATH =
      Pattern.compile(
          Pattern.quote(PREFIX) + "([0-9a-f]{16})/([0-9a-f]{16})-([0-9a-f]{16})\\.(delta|base)");

  /** What the blocks of a segment are. */
  enum Kind {
    /** What its writer stored in these generations. */
    DELTA,
    /** All that was in the container when its writer listed it, after its last generation. */
    BASE
  }

  /** Empty for the path of anything else. */
  static Optional<SegmentName> parse(String path) {
    Matcher parts = PATH.matcher(path);
    if (!parts.matches()) {
      return Optional.empty();
    }
    SegmentName name =
        new SegmentName(
            HexFormat.fromHexDigitsToLong(parts.group(1)),
            HexFormat.fromHexDigitsToLong(parts.group(2)),
            HexFormat.fromHexDigitsToLong(parts.group(3)),
            parts.group(4).equals("base") ? Kind.BASE : Kind.DELTA);
    return name.first() < 0 || name.last() < name.first() ? Optional.empty() : Optional.of(name);
  }

  String path() {
    HexFormat hex = HexFormat.of();
    return PREFIX
        + hex.toHexDigits(writer)
        + "/"
        + hex.toHexDigits(first)
        + "-"
        + hex.toHexDigits(last)
        + (kind == Kind.BASE ? ".base" : ".delta");
  }

  /** True when all that the other says this one says too, so that the other can go. */
  boolean covers(SegmentName other) {
    return !equals(other)
        && writer == other.writer
        && first <= other.first
        && other.last <= last
        && (kind == Kind.BASE || other.kind == Kind.DELTA);
  }
}
