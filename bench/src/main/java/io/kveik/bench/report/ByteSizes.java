package io.kveik.bench.report;

import io.kveik.server.cli.Terminal;
import io.kveik.server.config.Configuration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Byte counts as people read them, and as they write them on a command line. Stateless. */
public final class ByteSizes implements ITypeConverter<Long> {
  private static final String UNITS = "KMGT";

  /** "64.0 KiB". */
  public static String format(long bytes) {
    double value = bytes;
    int unit = -1;
    while (value >= 1024 && unit < UNITS.length() - 1) {
      value /= 1024;
      unit++;
    }
    return unit < 0 ? bytes + " B" : "%.1f %siB".formatted(value, UNITS.charAt(unit));
  }

  @Override
  public Long convert(String text) {
    try {
      return Configuration.parseBytes(text);
    } catch (ArithmeticException | NumberFormatException e) {
      throw new TypeConversionException(
          "'%s' is not a size; write it like 65536, 64KiB or 2GiB".formatted(Terminal.safe(text)));
    }
  }
}
