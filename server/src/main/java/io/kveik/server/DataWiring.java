package io.kveik.server;

import io.kveik.server.config.ConfigException;
import io.kveik.server.config.Configuration;
import io.kveik.server.config.DataSettings;
import io.kveik.server.config.SameHostSettings;
import io.kveik.server.config.Setting;
import io.kveik.server.config.Settings;
import io.kveik.server.data.DataOptions;
import io.kveik.server.data.DataServer;
import io.kveik.server.data.PemIdentity;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Scheduler;
import io.kveik.server.samehost.SameHostMemory;
import io.kveik.server.samehost.SameHostOptions;
import io.kveik.server.session.SessionLimits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the options of the raw data port, and the memory lent to clients on this host. */
final class DataWiring {
  private static final Logger LOG = LoggerFactory.getLogger(DataWiring.class);

  private DataWiring() {}

  static DataOptions options(Configuration config, Path dataDirectory, long largestBody) {
    SessionLimits session = Wiring.sessionLimits(config, largestBody);
    long dramBytes = config.number(Settings.DRAM_BYTES);
    String port = config.text(DataSettings.PORT);
    return new DataOptions(
        address(config, port),
        port.equals("auto"),
        tls(config),
        unixPath(config.text(DataSettings.UNIX_PATH), dataDirectory),
        Wiring.defaultAck(config),
        config.count(DataSettings.SOCKET_BUFFER_BYTES),
        config.number(Settings.SHUTDOWN_MILLIS),
        session,
        new DataOptions.Limits(
            config.count(DataSettings.CONNECTIONS),
            config.count(DataSettings.GREETINGS),
            config.count(DataSettings.REQUESTS),
            config.count(DataSettings.COLD_BLOCKS),
            config.number(DataSettings.REQUEST_BYTES),
            share(config, DataSettings.LEASED_BYTES, dramBytes / 2, session),
            share(config, DataSettings.RECEIVING_BYTES, dramBytes / 4, session),
            config.number(DataSettings.HELLO_MILLIS),
            config.number(DataSettings.IDLE_MILLIS),
            config.number(DataSettings.FRAME_MILLIS)));
  }

  /** Empty when nothing is shared, or can't be: the server does without. */
  static Optional<SameHostMemory> sameHost(Configuration config, Clock clock, Scheduler scheduler) {
    long bytes = config.number(SameHostSettings.BYTES);
    if (bytes == 0) {
      return Optional.empty();
    }
    SameHostOptions options =
        new SameHostOptions(
            Path.of(config.text(SameHostSettings.DIR)),
            bytes,
            Math.min(bytes, config.number(SameHostSettings.TENANT_BYTES)),
            Math.min(bytes, config.number(SameHostSettings.SEGMENT_BYTES)),
            config.number(SameHostSettings.LEASE_MILLIS),
            config.count(SameHostSettings.LEASES),
            config.number(SameHostSettings.IDLE_MILLIS));
    try {
      return Optional.of(SameHostMemory.open(options, clock, scheduler));
    } catch (IOException e) {
      LOG.error("same-host.dir: no memory is shared with clients on this host: {}", e.toString());
      return Optional.empty();
    }
  }

  private static long share(
      Configuration config, Setting setting, long most, SessionLimits session) {
    return Math.max(session.maxBlockBytes(), Math.min(config.number(setting), most));
  }

  private static Optional<InetSocketAddress> address(Configuration config, String port) {
    if (port.equals("off")) {
      return Optional.empty();
    }
    InetAddress host = Wiring.host(config, Settings.HOST);
    if (port.equals("auto")) {
      int grpcPort = config.count(Settings.PORT);
      return Optional.of(
          new InetSocketAddress(
              host, grpcPort == 0 || grpcPort == Wiring.LAST_PORT ? 0 : grpcPort + 1));
    }
    try {
      return Optional.of(new InetSocketAddress(host, Integer.parseInt(port)));
    } catch (IllegalArgumentException e) {
      throw new ConfigException("data.port: '" + port + "', must be a port, 0, auto or off");
    }
  }

  private static Optional<Path> unixPath(String text, Path dataDirectory) {
    return switch (text) {
      case "off" -> Optional.empty();
      case "auto" -> {
        Path path = dataDirectory.resolve("data.sock").toAbsolutePath();
        if (DataServer.fitsSocket(path)) {
          yield Optional.of(path);
        }
        LOG.warn("no Unix socket: '{}' is too long for one; --data-unix-path names another", path);
        yield Optional.empty();
      }
      default -> Optional.of(Path.of(text).toAbsolutePath());
    };
  }

  private static Optional<SSLContext> tls(Configuration config) {
    String certificate = config.text(DataSettings.TLS_CERT);
    String key = config.text(DataSettings.TLS_KEY);
    if (certificate.isEmpty() && key.isEmpty()) {
      return Optional.empty();
    }
    if (certificate.isEmpty() || key.isEmpty()) {
      throw new ConfigException("data.tls-cert and data.tls-key: both or neither must be given");
    }
    try {
      return Optional.of(PemIdentity.serverContext(Path.of(certificate), Path.of(key)));
    } catch (IOException | GeneralSecurityException e) {
      throw new ConfigException("data.tls-cert, data.tls-key: " + e.getMessage());
    }
  }
}
