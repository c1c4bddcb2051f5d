package io.kveik.server.config;

import static io.kveik.server.config.Setting.Kind.BYTES;
import static io.kveik.server.config.Setting.Kind.MILLIS;
import static io.kveik.server.config.Setting.number;
import static io.kveik.server.config.Setting.text;

import java.util.List;

/** The operator's port. */
public final class AdminSettings {
  private static final long KIB = 1024;
  private static final long MIB = 1024 * KIB;
  private static final long GIB = 1024 * MIB;
  private static final long DAY_MILLIS = 24L * 60 * 60 * 1000;

  public static final Setting HOST =
      text("admin.host", "127.0.0.1", "Address of the operator's HTTP port.");
  public static final Setting PORT =
      text("admin.port", "auto", "HTTP port for /metrics; 0: a free one; off: none.")
          .mapping("auto: the gRPC port + 10000, or a free one where that is not a port");
  public static final Setting BODY_BYTES =
      number(
          "admin.body-bytes",
          BYTES,
          "8MiB",
          1 * KIB,
          1 * GIB,
          "Largest body of an operation's request.");
  public static final Setting CALL_MILLIS =
      number(
          "admin.call-millis",
          MILLIS,
          "60000",
          1,
          DAY_MILLIS,
          "An operation on the operator's port is stopped after this.");

  static final List<Setting> ALL = List.of(HOST, PORT, BODY_BYTES, CALL_MILLIS);

  private AdminSettings() {}
}
