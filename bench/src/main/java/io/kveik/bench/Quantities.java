package io.kveik.bench;

import io.kveik.server.cli.Terminal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads numbers above 0 such as 250K, 1.5M or 2G, with decimal thousands. Stateless. */
final class Quantities implements ITypeConverter<Double> {
  private static final Pattern QUANTITY =
      Pattern.compile("([0-9]{1,12}(?:\\.[0-9]{1,6})?)([KMG]?)");

  @Override
  public Double convert(String text) {
    Matcher matcher = QUANTITY.matcher(text);
    if (matcher.matches()) {
      double factor = Math.pow(1_000, " KMG".indexOf((matcher.group(2) + " ").charAt(0)));
      double quantity = Double.parseDouble(matcher.group(1)) * factor;
      if (quantity > 0) {
        return quantity;
      }
    }
    throw new TypeConversionException(
        "'%s' is not a number above 0 such as 250K or 1.5M".formatted(Terminal.safe(text)));
  }
}
