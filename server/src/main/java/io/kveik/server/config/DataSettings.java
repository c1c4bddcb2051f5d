package io.kveik.server.config;

import static io.kveik.server.config.Setting.Kind.BYTES;
import static io.kveik.server.config.Setting.Kind.COUNT;
import static io.kveik.server.config.Setting.Kind.MILLIS;
import static io.kveik.server.config.Setting.number;
import static io.kveik.server.config.Setting.text;

import java.util.List;

/** The raw data port and its limits. */
public final class DataSettings {
  private static final long KIB = 1024;
  private static final long MIB = 1024 * KIB;
  private static final long GIB = 1024 * MIB;
  private static final long TIB = 1024 * GIB;
  private static final long DAY_MILLIS = 24L * 60 * 60 * 1000;

  public static final Setting PORT =
      text("data.port", "auto", "TCP port for blocks, beside gRPC; 0: a free one; off: none.")
          .mapping("auto: the gRPC port + 1, or a free one where that is taken");
  public static final Setting UNIX_PATH =
      text("data.unix-path", "auto", "Unix socket for blocks; off: none.")
          .mapping("auto: data.sock in the data directory, or none where that path is too long");
  public static final Setting TLS_CERT =
      text("data.tls-cert", "", "PEM file of the data port's certificate chain; empty: no TLS.");
  public static final Setting TLS_KEY =
      text("data.tls-key", "", "PEM file of its private key (PKCS#8, not encrypted).");
  public static final Setting SOCKET_BUFFER_BYTES =
      number(
              "data.socket-buffer-bytes",
              BYTES,
              "2MiB",
              0,
              64 * MIB,
              "Socket buffer of each direction; 0: as the system sees fit.")
          .mapping("SO_SNDBUF, and SO_RCVBUF of TCP; the kernel's own limits hold");
  public static final Setting CONNECTIONS =
      number("data.connections", COUNT, "256", 1, 65_536, "Most connections, a thread each.");
  public static final Setting GREETINGS =
      number("data.greetings", COUNT, "64", 1, 65_536, "Most connections without a ticket yet.")
          .mapping("one more ends the oldest");
  public static final Setting REQUESTS =
      number("data.requests", COUNT, "64", 1, 65_536, "Requests of one connection at a time.");
  public static final Setting COLD_BLOCKS =
      number(
          "data.cold-blocks",
          COUNT,
          "16",
          1,
          1_024,
          "Blocks fetched from below DRAM for one connection at a time.");
  public static final Setting REQUEST_BYTES =
      number(
          "data.request-bytes",
          BYTES,
          "64MiB",
          8 * MIB,
          16 * GIB,
          "Most bytes of loads that are not answered, all connections; and as many of matches,"
              + " which count eightfold.");
  public static final Setting LEASED_BYTES =
      number(
              "data.leased-bytes",
              BYTES,
              "1GiB",
              1 * MIB,
              64 * TIB,
              "Most bytes of blocks being sent or waiting for it, all connections.")
          .mapping("never more than half of dram-bytes, never less than one block");
  public static final Setting RECEIVING_BYTES =
      number(
              "data.receiving-bytes",
              BYTES,
              "256MiB",
              1 * MIB,
              64 * TIB,
              "Most bytes of payloads that are arriving, all connections.")
          .mapping("never more than a quarter of dram-bytes, never less than one block");
  public static final Setting HELLO_MILLIS =
      number("data.hello-millis", MILLIS, "5000", 10, DAY_MILLIS, "To show a ticket within.");
  public static final Setting IDLE_MILLIS =
      number(
          "data.idle-millis",
          MILLIS,
          "120000",
          10,
          DAY_MILLIS,
          "A connection whose client sends nothing for so long is closed.");
  public static final Setting FRAME_MILLIS =
      number(
          "data.frame-millis",
          MILLIS,
          "10000",
          10,
          DAY_MILLIS,
          "A frame, payload included, that takes longer either way ends its connection.");

  static final List<Setting> ALL =
      List.of(
          PORT,
          UNIX_PATH,
          TLS_CERT,
          TLS_KEY,
          SOCKET_BUFFER_BYTES,
          CONNECTIONS,
          GREETINGS,
          REQUESTS,
          COLD_BLOCKS,
          REQUEST_BYTES,
          LEASED_BYTES,
          RECEIVING_BYTES,
          HELLO_MILLIS,
          IDLE_MILLIS,
          FRAME_MILLIS);

  private DataSettings() {}
}
