package io.kveik.server;

import io.kveik.server.admin.AdminServer;
import io.kveik.server.admin.JsonOperations;
import io.kveik.server.block.AckLevel;
import io.kveik.server.config.AccountSettings;
import io.kveik.server.config.AdminSettings;
import io.kveik.server.config.ConfigException;
import io.kveik.server.config.Configuration;
import io.kveik.server.config.ControlSettings;
import io.kveik.server.config.GrpcSettings;
import io.kveik.server.config.Setting;
import io.kveik.server.config.Settings;
import io.kveik.server.rpc.GrpcServer;
import io.kveik.server.rpc.blockstore.BlockStoreService;
import io.kveik.server.rpc.control.BlockControlService;
import io.kveik.server.rpc.control.ControlJson;
import io.kveik.server.rpc.v1.V1Service;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Workers;
import io.kveik.server.session.SessionLimits;
import io.kveik.server.session.Tickets;
import io.kveik.server.telemetry.Meters;
import io.kveik.server.tenant.AccountResolver;
import io.kveik.server.tenant.FileAccountResolver;
import io.kveik.server.tenant.InMemoryAccountResolver;
import io.kveik.server.tenant.MasterSecret;
import io.kveik.server.tenant.Namespaces;
import io.kveik.server.tenant.RegistryFileException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;

/**
 * Makes the parts of a server from its configuration: who may use it, and what it listens to. Each
 * adapter is named in one of the classes of wiring and nowhere else.
 */
final class Wiring {
  private static final int ADMIN_PORT_OFFSET = 10_000;
  static final int LAST_PORT = 65_535;

  private Wiring() {}

  static Meters meters(Configuration config) {
    return new Meters(
        config.text(Settings.METRICS_ENDPOINT), config.text(Settings.INSTRUMENTATION_KEY));
  }

  static Workers storage(Configuration config) {
    return new Workers(
        "storage", config.count(Settings.STORAGE_THREADS), config.count(Settings.STORAGE_QUEUE));
  }

  /** The accounts of the accounts file; without one, any resource name is an account. */
  static AccountResolver accounts(Configuration config) {
    String file = config.text(AccountSettings.FILE);
    if (file.isEmpty()) {
      return new InMemoryAccountResolver(config.text(Settings.BLOB_DNS_SUFFIX));
    }
    try {
      return FileAccountResolver.read(Path.of(file), config.count(AccountSettings.LIMIT));
    } catch (RegistryFileException e) {
      throw new ConfigException(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw new ConfigException(AccountSettings.FILE.key() + ": '" + file + "' can't be read");
    }
  }

  static Namespaces namespaces(Configuration config, AccountResolver accounts, Path dataDirectory)
      throws IOException {
    return new Namespaces(
        accounts,
        MasterSecret.ofDirectory(dataDirectory),
        config.number(Settings.LIMIT_NAMESPACES));
  }

  /** Where the secret and the fs tier are. */
  static Path dataDirectory(Configuration config) {
    String text = config.text(Settings.DATA_DIR);
    if (!text.isEmpty()) {
      return Path.of(text);
    }
    String xdg = System.getenv("XDG_DATA_HOME");
    return xdg == null || xdg.isEmpty()
        ? Path.of(System.getProperty("user.home"), ".local", "share", "kveik")
        : Path.of(xdg, "kveik");
  }

  /** Where the operator's port listens; empty when it is off. */
  static Optional<InetSocketAddress> adminAddress(Configuration config) {
    String text = config.text(AdminSettings.PORT);
    if (text.equals("off")) {
      return Optional.empty();
    }
    InetAddress host = host(config, AdminSettings.HOST);
    if (text.equals("auto")) {
      int grpcPort = config.count(Settings.PORT);
      int beside = grpcPort + ADMIN_PORT_OFFSET;
      return Optional.of(
          new InetSocketAddress(host, grpcPort == 0 || beside > LAST_PORT ? 0 : beside));
    }
    try {
      return Optional.of(new InetSocketAddress(host, Integer.parseInt(text)));
    } catch (IllegalArgumentException e) {
      throw new ConfigException("admin.port: '" + text + "', must be a port, 0, auto or off");
    }
  }

  static InetAddress host(Configuration config, Setting setting) {
    String name = config.text(setting);
    InetAddress address;
    try {
      address = InetAddress.getByName(name);
    } catch (UnknownHostException e) {
      throw new ConfigException(
          setting.key() + ": '" + name + "', must be an address of this machine");
    }
    if (!address.isLoopbackAddress() && !config.on(Settings.INSECURE)) {
      throw new ConfigException(
          setting.key()
              + ": '"
              + name
              + "' is reachable from other machines, and this version has neither TLS nor"
              + " authentication; listen on 127.0.0.1, or add --insecure if the network keeps"
              + " strangers out");
    }
    return address;
  }

  static AdminServer.Limits adminLimits(Configuration config) {
    return new AdminServer.Limits(
        config.count(AdminSettings.BODY_BYTES), config.number(AdminSettings.CALL_MILLIS));
  }

  /** Control operations as the operator's port knows them. */
  static JsonOperations operations(ControlJson control) {
    return new JsonOperations() {
      @Override
      public boolean knows(String operation) {
        return control.knows(operation);
      }

      @Override
      public CompletionStage<Answer> call(String operation, String json, BooleanSupplier stop) {
        return control
            .call(operation, json, stop)
            .thenApply(answer -> new Answer(answer.status(), answer.body()));
      }
    };
  }

  static GrpcServer.Options grpcOptions(Configuration config, long largestBody) {
    long blockBytes = Math.min(config.number(Settings.LIMIT_BLOCK_BYTES), largestBody);
    return new GrpcServer.Options(
        new InetSocketAddress(host(config, Settings.HOST), config.count(Settings.PORT)),
        config.count(Settings.THREADS),
        config.on(GrpcSettings.TCP_NODELAY),
        config.number(GrpcSettings.KEEPALIVE_MILLIS),
        config.number(GrpcSettings.KEEPALIVE_TIMEOUT_MILLIS),
        config.number(GrpcSettings.PERMIT_PING_MILLIS),
        config.count(GrpcSettings.MAX_STREAMS),
        config.count(GrpcSettings.MAX_FRAME_BYTES),
        config.count(GrpcSettings.RECEIVE_BYTES),
        config.count(GrpcSettings.RECEIVE_BUFFERS),
        config.count(GrpcSettings.WINDOW_BYTES),
        config.count(GrpcSettings.WRITE_WATERMARK_BYTES),
        config.count(Settings.LIMIT_CONNECTIONS),
        config.count(Settings.LIMIT_CALLS),
        config.number(Settings.LIMIT_UNSENT_BYTES),
        config.number(Settings.LIMIT_INBOUND_BYTES),
        config.number(Settings.SHUTDOWN_MILLIS),
        new V1Service.Options(
            Math.toIntExact(blockBytes),
            config.count(Settings.LIMIT_LOOKUP_TOKENS),
            config.count(Settings.LIMIT_STREAM_AHEAD),
            config.number(Settings.LIMIT_CALL_IDLE_MILLIS),
            defaultAck(config)),
        new BlockStoreService.Options(
            sessionLimits(config, largestBody),
            config.count(Settings.LIMIT_LOOKUP_TOKENS),
            config.count(Settings.LIMIT_STREAM_AHEAD),
            defaultAck(config)),
        new BlockControlService.Options(
            config.count(Settings.LIMIT_IDS),
            config.count(Settings.LIMIT_LOOKUP_TOKENS),
            config.count(ControlSettings.QUERY_BLOCKS)));
  }

  static SessionLimits sessionLimits(Configuration config, long largestBody) {
    long room = largestBody - SessionLimits.MAX_METADATA_BYTES;
    return new SessionLimits(
        Math.toIntExact(Math.max(1, Math.min(config.number(Settings.LIMIT_BLOCK_BYTES), room))),
        config.count(Settings.LIMIT_IDS));
  }

  static Tickets tickets(Configuration config, Clock clock) {
    return new Tickets(
        config.count(Settings.LIMIT_TICKETS), config.number(Settings.TICKET_MILLIS), clock);
  }

  static AckLevel defaultAck(Configuration config) {
    return AckLevel.valueOf(config.text(Settings.ACK).toUpperCase(Locale.ROOT));
  }
}
