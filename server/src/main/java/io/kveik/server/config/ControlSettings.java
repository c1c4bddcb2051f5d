package io.kveik.server.config;

import static io.kveik.server.config.Setting.Kind.COUNT;
import static io.kveik.server.config.Setting.number;

import java.util.List;

/** Limits of the operations on stored blocks. */
public final class ControlSettings {
  public static final Setting OWED_REMOVALS =
      number(
              "limits.owed-removals",
              COUNT,
              "100000",
              1,
              10_000_000,
              "Deleted blocks that tiers which are down may owe the removal of.")
          .mapping("beyond it deletions are refused; about 250 bytes of heap each");
  public static final Setting KEPT_SETTINGS =
      number(
              "limits.kept-settings",
              COUNT,
              "100000",
              1,
              10_000_000,
              "Priorities, TTLs and pins, set for blocks or namespaces, that are kept over restarts.")
          .mapping("beyond it they are refused; about 250 bytes of heap each");
  public static final Setting PINNED_PERCENT =
      number(
          "limits.pinned-percent",
          COUNT,
          "25",
          0,
          100,
          "Percent of DRAM that one namespace may pin.");
  public static final Setting PINNED_BLOCKS =
      number(
              "limits.pinned-blocks",
              COUNT,
              "100000",
              0,
              10_000_000,
              "Blocks that all namespaces together may pin.")
          .mapping("about 120 bytes of heap each");
  public static final Setting NAMESPACE_POLICIES =
      number(
              "limits.namespace-policies",
              COUNT,
              "1000",
              0,
              100_000,
              "Namespaces that may have an eviction policy of their own.")
          .mapping(
              "by namespaces.file or ./kveik control policy; each kind in use takes 20 bytes a block");
  public static final Setting THREADS =
      number("control.threads", COUNT, "2", 1, 64, "Control operations that run at a time.");
  public static final Setting QUEUE =
      number("control.queue", COUNT, "64", 1, 10_000, "Control operations that may wait.");
  public static final Setting PREFETCH_PERCENT =
      number(
          "control.prefetch-percent",
          COUNT,
          "25",
          1,
          100,
          "Percent of DRAM that one prefetch may fill.");
  public static final Setting PREFETCH_AHEAD =
      number(
          "control.prefetch-ahead",
          COUNT,
          "8",
          1,
          1_024,
          "Blocks that a prefetch fetches at a time.");
  public static final Setting QUERY_BLOCKS =
      number(
          "control.query-blocks", COUNT, "1000", 1, 100_000, "Most blocks in one page of a query.");

  static final List<Setting> ALL =
      List.of(
          OWED_REMOVALS,
          KEPT_SETTINGS,
          PINNED_PERCENT,
          PINNED_BLOCKS,
          NAMESPACE_POLICIES,
          THREADS,
          QUEUE,
          PREFETCH_PERCENT,
          PREFETCH_AHEAD,
          QUERY_BLOCKS);

  private ControlSettings() {}
}
