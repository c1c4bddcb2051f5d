package io.kveik.bench;

import io.kveik.client.AckLevel;
import io.kveik.server.cli.Terminal;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads an ack level as people write it. Stateless. */
final class AckLevels implements ITypeConverter<AckLevel> {
  @Override
  public AckLevel convert(String text) {
    return switch (text) {
      case "memory" -> AckLevel.MEMORY;
      case "local" -> AckLevel.LOCAL;
      case "shared" -> AckLevel.SHARED;
      default ->
          throw new TypeConversionException(
              "'%s' is not one of memory, local, shared".formatted(Terminal.safe(text)));
    };
  }
}
