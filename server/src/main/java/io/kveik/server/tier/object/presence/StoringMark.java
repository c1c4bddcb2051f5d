package io.kveik.server.tier.object.presence;

import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Says that a server may have stored blocks that no segment tells of yet: an empty blob at {@code
 * presence/1/WRITER/NUMBER.storing}, two numbers of 16 hexadecimal digits.
 *
 * @param writer the server process that made it
 * @param number this one's; never used again
 */
record StoringMark(long writer, long number) {
  private static final Pattern PATH =
      Pattern.compile(
          Pattern.quote(SegmentName.PREFIX) + "([0-9a-f]{16})/([0-9a-f]{16})\\.storing");

  /** Empty for the path of anything else. */
  static Optional<StoringMark> parse(String path) {
    Matcher parts = PATH.matcher(path);
    return parts.matches()
        ? Optional.of(
            new StoringMark(
                HexFormat.fromHexDigitsToLong(parts.group(1)),
                HexFormat.fromHexDigitsToLong(parts.group(2))))
        : Optional.empty();
  }

  String path() {
    HexFormat hex = HexFormat.of();
    return SegmentName.PREFIX
        + hex.toHexDigits(writer)
        + "/"
        + hex.toHexDigits(number)
        + ".storing";
  }
}
