package io.kveik.server.config;

import static io.kveik.server.config.Setting.Kind.COUNT;
import static io.kveik.server.config.Setting.Kind.MILLIS;
import static io.kveik.server.config.Setting.choice;
import static io.kveik.server.config.Setting.number;
import static io.kveik.server.config.Setting.text;

import java.util.List;

/** The settings of Azure Blob Storage. */
public final class AzureSettings {
  private static final long HOUR_MILLIS = 60L * 60 * 1000;

  public static final Setting SOURCE_ADDRESSES =
      text(
              "azure.source-addresses",
              "",
              "Local addresses to connect from in turn, with commas between; empty: discover.")
          .mapping("empty: the IPv4 address of each network device, where there are two or more");
  public static final Setting TRUSTED_CERTIFICATE =
      text(
          "azure.trusted-certificate",
          "",
          "PEM file of certificates to trust besides the platform's; empty: none.");
  public static final Setting CREATE_CONTAINERS =
      choice(
          "azure.create-containers",
          "on",
          List.of("on", "off"),
          "Make a container that is missing when a block is to be stored there.");
  public static final Setting CLIENTS =
      number("azure.clients", COUNT, "1024", 1, 100_000, "Accounts whose clients are kept ready.");
  public static final Setting CONNECTIONS =
      number(
              "azure.connections",
              COUNT,
              "100",
              1,
              10_000,
              "Most connections to one account from one source address.")
          .mapping("winhttp: as many as there are calls");
  public static final Setting PENDING =
      number(
          "azure.pending-calls",
          COUNT,
          "4096",
          1,
          1_000_000,
          "Calls that may wait for a connection, per account and source address.");
  public static final Setting EVENT_LOOPS =
      number("azure.event-loops", COUNT, "4", 1, 1_024, "Threads that move bytes.");
  public static final Setting CONNECT_MILLIS =
      number("azure.connect-millis", MILLIS, "2000", 1, HOUR_MILLIS, "To make a connection.");
  public static final Setting IDLE_MILLIS =
      number(
              "azure.idle-millis",
              MILLIS,
              "60000",
              1_000,
              HOUR_MILLIS,
              "A connection nobody uses for so long is closed.")
          .mapping("winhttp: jdk.httpclient.keepalive.timeout instead");
  public static final Setting STALL_MILLIS =
      number(
          "azure.stall-millis",
          MILLIS,
          "30000",
          100,
          HOUR_MILLIS,
          "A connection that brings nothing for so long during a call is closed.");
  public static final Setting DNS_CACHE_MILLIS =
      number(
              "azure.dns-cache-millis",
              MILLIS,
              "300000",
              0,
              HOUR_MILLIS,
              "How long an account's address is used without asking again.")
          .mapping("winhttp: networkaddress.cache.ttl instead");
  public static final Setting SOURCE_REST_MILLIS =
      number(
          "azure.source-rest-millis",
          MILLIS,
          "10000",
          0,
          HOUR_MILLIS,
          "A source address that can't connect is left out for so long.");

  static final List<Setting> ALL =
      List.of(
          SOURCE_ADDRESSES,
          TRUSTED_CERTIFICATE,
          CREATE_CONTAINERS,
          CLIENTS,
          CONNECTIONS,
          PENDING,
          EVENT_LOOPS,
          CONNECT_MILLIS,
          IDLE_MILLIS,
          STALL_MILLIS,
          DNS_CACHE_MILLIS,
          SOURCE_REST_MILLIS);

  private AzureSettings() {}
}
