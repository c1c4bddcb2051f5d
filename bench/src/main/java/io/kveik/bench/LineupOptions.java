package io.kveik.bench;

import io.kveik.bench.contest.BenchPlan;
import io.kveik.bench.endpoint.Target;
import io.kveik.bench.hostile.UnderAttack;
import io.kveik.bench.peer.Contender;
import io.kveik.bench.peer.Kveik;
import io.kveik.bench.peer.LimitKind;
import io.kveik.bench.peer.Lineup;
import io.kveik.bench.peer.PeerKind;
import io.kveik.bench.peer.PeerSettings;
import io.kveik.bench.store.Protocol;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What is measured beside the server, and what the server is spoken to with. */
final class LineupOptions {
  /** What Kveik can be spoken to with. A further one is a driver and a line here. */
  enum Transport {
    /** The v1 gRPC service. */
    V1(Protocol.V1),
    /** The native gRPC service. */
    GRPC(Protocol.NATIVE_GRPC),
    /** The raw data port over TCP. */
    TCP(Protocol.NATIVE_TCP),
    /** The raw data port over a Unix socket. */
    UNIX(Protocol.NATIVE_UNIX),
    /** Copied once, from the server's memory on this host. */
    SAMEHOST(Protocol.NATIVE_SAME_HOST),
    /** Read in the server's memory on this host. */
    LENT(Protocol.NATIVE_LENT);

    private final Protocol protocol;

    Transport(Protocol protocol) {
      this.protocol = protocol;
    }

    String key() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** What a report calls it beside the measured one; a limit of the machine is plainly "tcp". */
    String otherName() {
      return Kveik.NAME + "_" + key();
    }
  }

  @Option(
      names = "--transport",
      paramLabel = "NAME",
      converter = Keys.Transports.class,
      split = ",",
      defaultValue = "tcp",
      description =
          "What to speak to the server: v1 (the v1 gRPC service), grpc (the native one), tcp (the raw"
              + " data port, which the client takes from another host), unix (the same by its Unix"
              + " socket), samehost (copied from the server's memory on this host), lent (read"
              + " there, without a copy). Of several the first is measured, the others are compared with it, each"
              + " with a server of its own unless --target is given, as kveik_NAME. Default:"
              + " ${DEFAULT-VALUE}.")
  private Set<Transport> transports = new LinkedHashSet<>();

  @Option(
      names = "--against",
      paramLabel = "STORE",
      converter = Keys.Peers.class,
      split = ",",
      description =
          "Also start and measure another store, in turn with the server: redis (redis-server),"
              + " memcached, object (Azurite, an emulator of Azure Blob Storage, through npm)."
              + " Several may be given.")
  private Set<PeerKind> against = new LinkedHashSet<>();

  @Option(
      names = "--hostile",
      description =
          "Also measure the server, in turn, with hostile clients on all its ports: slow readers,"
              + " half frames, giant lengths, floods of connections.")
  private boolean attacked;

  @Option(
      names = "--peer-socket",
      paramLabel = "KIND",
      converter = Keys.Sockets.class,
      defaultValue = "tcp",
      description =
          "How redis and memcached are reached: tcp, over loopback, or unix, a socket file."
              + " Default: ${DEFAULT-VALUE}.")
  private PeerSettings.SocketKind socket = PeerSettings.SocketKind.TCP;

  @Option(
      names = "--limits",
      negatable = true,
      description =
          "Also measure, by the same calls, what this machine can do at most: memcpy in one"
              + " process, blocking request and response over loopback TCP and a Unix socket and,"
              + " where the own server has a disk tier, files past the page cache. Default: with"
              + " --against, and in a sweep.")
  private @Nullable Boolean limits;

  /**
   * The kinds of limits that are to be measured.
   *
   * @param byDefault when the user says nothing and compares with nothing
   * @param disk whether the server has a tier on disk
   */
  List<LimitKind> limits(boolean byDefault, boolean disk) {
    boolean wanted = limits != null ? limits : byDefault || !against.isEmpty();
    return wanted
        ? Arrays.stream(LimitKind.values()).filter(kind -> disk || kind != LimitKind.DISK).toList()
        : List.of();
  }

  /**
   * The names of what the server is compared with.
   *
   * @throws IllegalArgumentException when one can't be started
   */
  List<String> others(List<LimitKind> wanted) {
    against.forEach(PeerKind::check);
    return Stream.of(
            otherTransports().map(Transport::otherName),
            against.stream().map(PeerKind::key),
            wanted.stream().map(LimitKind::key))
        .flatMap(names -> names)
        .toList();
  }

  private Stream<Transport> otherTransports() {
    return transports.stream().skip(1);
  }

  /** Starts everything. */
  Lineup start(BenchPlan plan, TargetSupplier target, List<LimitKind> wanted) throws IOException {
    int blockBytes = plan.workload().blockBytes();
    PeerSettings settings =
        new PeerSettings(blockBytes, plan.workload().roomInBlocks(), plan.clients(), socket);
    int others = transports.size() - 1 + against.size();
    Lineup.checkMemory(settings, plan.workload().workingBlocks(), others, wanted.size());
    Lineup lineup = new Lineup();
    boolean started = false;
    try {
      for (Transport transport : transports) {
        Contender server = contender(transport, target.open());
        lineup.add(server);
        if (attacked) {
          lineup.add(new UnderAttack(server));
        }
      }
      for (PeerKind kind : against) {
        lineup.add(kind.start(settings));
      }
      for (LimitKind kind : wanted) {
        lineup.add(kind.start(blockBytes, plan.workload().workingBlocks()));
      }
      started = true;
      return lineup;
    } finally {
      if (!started) {
        lineup.close();
      }
    }
  }

  private Contender contender(Transport transport, Target target) {
    boolean subject = transport == transports.iterator().next();
    return new Kveik(
        subject ? Kveik.NAME : transport.otherName(),
        subject ? Contender.Role.SUBJECT : Contender.Role.PEER,
        target,
        transport.key(),
        transport.protocol);
  }
}
