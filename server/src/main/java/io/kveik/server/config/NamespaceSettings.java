package io.kveik.server.config;

import static io.kveik.server.config.Setting.Kind.COUNT;
import static io.kveik.server.config.Setting.Kind.MILLIS;
import static io.kveik.server.config.Setting.number;
import static io.kveik.server.config.Setting.text;

import java.util.List;

/** Settings of how namespaces share tiers, in the order {@code config explain} shows them. */
public final class NamespaceSettings {
  private static final long DAY_MILLIS = 24L * 60 * 60 * 1000;

  public static final Setting SHARE_PERCENT =
      number(
              "namespace.share-percent",
              COUNT,
              "100",
              0,
              100,
              "Of what DRAM (or fs) holds, so much of each namespace is spared while others have"
                  + " more; 0: no shares.")
          .mapping("never more than an equal part: 100 means equal parts");
  public static final Setting QUOTA_PERCENT =
      number(
          "namespace.quota-percent",
          COUNT,
          "100",
          1,
          100,
          "Most of dram-bytes that one namespace's blocks may take; more of them push out its own.");
  public static final Setting IDLE_MILLIS =
      number(
          "namespace.idle-millis",
          MILLIS,
          "3600000",
          1,
          365 * DAY_MILLIS,
          "A namespace that nobody has written to or found a block in for so long has no share.");

  public static final Setting FILE =
      text(
              "namespaces.file",
              "",
              "YAML file of namespaces with an eviction policy of their own; empty: none.")
          .mapping("what ./kveik control policy said of one goes before it");

  static final List<Setting> ALL = List.of(SHARE_PERCENT, QUOTA_PERCENT, IDLE_MILLIS, FILE);

  private NamespaceSettings() {}
}
