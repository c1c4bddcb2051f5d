package io.kveik.bench;

import io.kveik.bench.block.PayloadKind;
import io.kveik.bench.capacity.Profile;
import io.kveik.bench.load.Verification;
import io.kveik.bench.movement.DiskTier;
import io.kveik.bench.peer.PeerKind;
import io.kveik.bench.peer.PeerSettings.SocketKind;
import io.kveik.bench.replay.ReplayWire;
import io.kveik.server.cli.Terminal;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the values of an enum as people write them: in lower case, with hyphens. Stateless. */
abstract class Keys<E extends Enum<E>> implements ITypeConverter<E> {
  private final List<E> values;

  private Keys(E[] values) {
    this.values = List.of(values);
  }

  @Override
  public final E convert(String text) {
    return values.stream()
        .filter(value -> key(value).equals(text))
        .findFirst()
        .orElseThrow(() ->
            new TypeConversionException(
                "'%s' is not one of %s"
                    .formatted(
                        Terminal.safe(text),
                        values.stream().map(Keys::key).collect(Collectors.joining(", ")))));
  }

  private static String key(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static final class Payloads extends Keys<PayloadKind> {
    Payloads() {
      super(PayloadKind.values());
    }
  }

  static final class Verifications extends Keys<Verification> {
    Verifications() {
      super(Verification.values());
    }
  }

  static final class Peers extends Keys<PeerKind> {
    Peers() {
      super(PeerKind.values());
    }
  }

  static final class Sockets extends Keys<SocketKind> {
    Sockets() {
      super(SocketKind.values());
    }
  }

  static final class Transports extends Keys<LineupOptions.Transport> {
    Transports() {
      super(LineupOptions.Transport.values());
    }
  }

  static final class ReplayWires extends Keys<ReplayWire> {
    ReplayWires() {
      super(ReplayWire.values());
    }
  }

  static final class DiskTiers extends Keys<DiskTier> {
    DiskTiers() {
      super(DiskTier.values());
    }
  }

  static final class Profiles extends Keys<Profile> {
    Profiles() {
      super(Profile.values());
    }
  }
}
