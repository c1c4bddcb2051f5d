package io.kveik.server.config;

import static io.kveik.server.config.Setting.Kind.COUNT;
import static io.kveik.server.config.Setting.Kind.MILLIS;
import static io.kveik.server.config.Setting.number;
import static io.kveik.server.config.Setting.text;

import java.util.List;

/** Memory shared with clients on this host. */
public final class SameHostSettings {
  private static final long KIB = 1024;
  private static final long MIB = 1024 * KIB;
  private static final long GIB = 1024 * MIB;
  private static final long TIB = 1024 * GIB;
  private static final long DAY_MILLIS = 24L * 60 * 60 * 1000;

  public static final Setting BYTES =
      number(
              "same-host.bytes",
              Setting.Kind.BYTES,
              "0",
              0,
              64 * TIB,
              "Memory that clients on this host may map, beside the DRAM tier; 0: none.")
          .mapping("files on a tmpfs, each of one tenant, taken as clients ask for blocks");
  public static final Setting TENANT_BYTES =
      number(
          "same-host.tenant-bytes",
          Setting.Kind.BYTES,
          "64TiB",
          1 * MIB,
          64 * TIB,
          "Most of it for a tenant.");
  public static final Setting SEGMENT_BYTES =
      number(
          "same-host.segment-bytes",
          Setting.Kind.BYTES,
          "64MiB",
          1 * MIB,
          64 * GIB,
          "One file of it; larger blocks are not lent.");
  public static final Setting DIR =
      text("same-host.dir", "/dev/shm", "A folder on a tmpfs for it.");
  public static final Setting LEASE_MILLIS =
      number(
          "same-host.lease-millis",
          MILLIS,
          "10000",
          100,
          DAY_MILLIS,
          "How long a client may read a block that it was lent.");
  public static final Setting LEASES =
      number("same-host.leases", COUNT, "1024", 1, 1_000_000, "Most leases of one connection.");
  public static final Setting IDLE_MILLIS =
      number(
          "same-host.idle-millis",
          MILLIS,
          "60000",
          1_000,
          DAY_MILLIS,
          "A tenant without a connection keeps its part for so long.");

  static final List<Setting> ALL =
      List.of(BYTES, TENANT_BYTES, SEGMENT_BYTES, DIR, LEASE_MILLIS, LEASES, IDLE_MILLIS);

  private SameHostSettings() {}
}
