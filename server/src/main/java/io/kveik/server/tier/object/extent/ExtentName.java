package io.kveik.server.tier.object.extent;

import io.kveik.server.block.Fingerprint;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which extent a blob is, as its path says: {@code x1/PERIOD/NAMESPACE/LINEAGE-GENERATION}, the
 * numbers with 8, 16 and 8 hexadecimal digits, the fingerprint with 64.
 *
 * <p>The period makes what is new lie together in a listing; it is that of the lineage's first
 * generation and stays.
 *
 * @param period wall time divided by {@link #PERIOD_MILLIS}
 * @param namespace whose blocks they are
 * @param lineage a random number, shared by an extent and all that it is rewritten into
 * @param generation 1 for the first; of a lineage only the highest counts
 */
record ExtentName(int period, Fingerprint namespace, long lineage, int generation) {
  /** What the paths of all extents begin with, and no others; the number is the version. */
  static final String ROOT = "x1/";

  static final long PERIOD_MILLIS = 300_000;
  static final int FIRST_GENERATION = 1;

  private static final Pattern PATH =
      Pattern.compile(
          Pattern.quote(ROOT) + "([0-9a-f]{8})/([0-9a-f]{64})/([0-9a-f]{16})-([0-9a-f]{8})");

  /** The first of a lineage. */
  static ExtentName first(long wallMillis, Fingerprint namespace, long lineage) {
    return new ExtentName(periodOf(wallMillis), namespace, lineage, FIRST_GENERATION);
  }

  static int periodOf(long wallMillis) {
    return (int) (wallMillis / PERIOD_MILLIS);
  }

  /** Empty for the path of anything else. */
  static Optional<ExtentName> parse(String path) {
    Matcher parts = PATH.matcher(path);
    if (!parts.matches()) {
      return Optional.empty();
    }
    ExtentName name =
        new ExtentName(
            HexFormat.fromHexDigits(parts.group(1)),
            Fingerprint.of(HexFormat.of().parseHex(parts.group(2))),
            HexFormat.fromHexDigitsToLong(parts.group(3)),
            HexFormat.fromHexDigits(parts.group(4)));
    return name.generation() < FIRST_GENERATION ? Optional.empty() : Optional.of(name);
  }

  /** What the lineage is rewritten into next. */
  ExtentName next() {
    return new ExtentName(period, namespace, lineage, Math.incrementExact(generation));
  }

  /** Where all that was first written in a period is. */
  static String prefixOf(int period) {
    return ROOT + HexFormat.of().toHexDigits(period) + "/";
  }

  /** Where all generations of the lineage are, and nothing else. */
  String lineagePrefix() {
    return prefixOf(period) + namespace + "/" + HexFormat.of().toHexDigits(lineage) + "-";
  }

  String path() {
    return lineagePrefix() + HexFormat.of().toHexDigits(generation);
  }
}
