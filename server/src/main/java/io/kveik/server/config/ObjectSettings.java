package io.kveik.server.config;

import static io.kveik.server.config.Setting.Kind.COUNT;
import static io.kveik.server.config.Setting.Kind.MILLIS;
import static io.kveik.server.config.Setting.choice;
import static io.kveik.server.config.Setting.number;

import java.util.List;

/** The settings of object storage, whatever the vendor. */
public final class ObjectSettings {
  private static final long HOUR_MILLIS = 60L * 60 * 1000;

  public static final Setting STORE =
      choice(
              "object.store",
              "none",
              List.of("none", "azure", "s3"),
              "The shared tier below the others; with one, ack level shared means stored there.")
          .mapping("with one, the fs tier is local");
  public static final Setting FIND_MILLIS =
      number(
          "object.find-millis",
          MILLIS,
          "1000",
          1,
          HOUR_MILLIS,
          "A question about a block, all tries together.");
  public static final Setting READ_MILLIS =
      number(
          "object.read-millis",
          MILLIS,
          "4000",
          1,
          HOUR_MILLIS,
          "Fetching a block, all tries together.");
  public static final Setting WRITE_MILLIS =
      number(
          "object.write-millis",
          MILLIS,
          "20000",
          1,
          HOUR_MILLIS,
          "Storing or removing a block, all tries together.");
  public static final Setting TRY_MILLIS =
      number(
          "object.try-millis",
          MILLIS,
          "1000",
          1,
          HOUR_MILLIS,
          "One request for a block; more for blocks that take longer to arrive.");
  public static final Setting WRITE_TRY_MILLIS =
      number(
          "object.write-try-millis",
          MILLIS,
          "10000",
          1,
          HOUR_MILLIS,
          "One request that stores or removes a block.");
  public static final Setting TRIES =
      number("object.tries", COUNT, "3", 1, 10, "Requests for one call, at most.");
  public static final Setting EXTRA_TRIES_PERCENT =
      number(
          "object.extra-tries-percent",
          COUNT,
          "10",
          0,
          100,
          "Retries and hedges per hundred calls to an account, at most.");
  public static final Setting BACKOFF_MILLIS =
      number(
          "object.backoff-millis",
          MILLIS,
          "20",
          1,
          HOUR_MILLIS,
          "A retry waits a random part of this, doubled each time.");
  public static final Setting BACKOFF_MAX_MILLIS =
      number("object.backoff-max-millis", MILLIS, "1000", 1, HOUR_MILLIS, "It doubles up to this.");
  public static final Setting HEDGE =
      choice(
          "object.hedge",
          "on",
          List.of("on", "off"),
          "Ask a second time when a read is slower than 95 of 100.");
  public static final Setting HEDGE_MIN_MILLIS =
      number("object.hedge-min-millis", MILLIS, "10", 0, HOUR_MILLIS, "Never sooner than this.");
  public static final Setting BREAKER_FAILURES =
      number(
          "object.breaker-failures",
          COUNT,
          "10",
          1,
          100_000,
          "An account with so many failures in a row is left alone.");
  public static final Setting BREAKER_SILENCE_MILLIS =
      number(
          "object.breaker-silence-millis",
          MILLIS,
          "800",
          1,
          HOUR_MILLIS,
          "So is one with five of them that has not answered for so long.");
  public static final Setting BREAKER_PAUSE_MILLIS =
      number(
          "object.breaker-pause-millis",
          MILLIS,
          "1000",
          1,
          HOUR_MILLIS,
          "Until it is tried again; doubled each time that fails.");
  public static final Setting BREAKER_PAUSE_MAX_MILLIS =
      number(
          "object.breaker-pause-max-millis",
          MILLIS,
          "15000",
          1,
          HOUR_MILLIS,
          "It doubles up to this.");
  public static final Setting CONCURRENCY =
      number("object.concurrency", COUNT, "64", 1, 4_096, "Calls at a time to an account, at most.")
          .mapping("connections, and threads with a quarter more; lowered while it throttles");
  public static final Setting CONCURRENCY_MIN =
      number(
          "object.concurrency-min",
          COUNT,
          "4",
          1,
          4_096,
          "Calls at a time that an account gets however much it throttles.");
  public static final Setting WAITERS =
      number(
          "object.waiters", COUNT, "256", 0, 1_000_000, "Calls that wait for their turn, at most.");
  public static final Setting ACCOUNTS =
      number("object.accounts", COUNT, "1024", 1, 1_000_000, "Endpoints whose health is kept.");
  public static final Setting QUARANTINE =
      number(
          "object.quarantine",
          COUNT,
          "100",
          0,
          1_000_000,
          "Blobs that fail a check and are copied aside, from one start to the next.");
  public static final Setting KNOWN_BLOCKS =
      number(
          "object.known-blocks",
          COUNT,
          "1000000",
          0,
          100_000_000,
          "Blocks that this server counts as in the store; 32 bytes each.");

  static final List<Setting> ALL =
      List.of(
          STORE,
          FIND_MILLIS,
          READ_MILLIS,
          WRITE_MILLIS,
          TRY_MILLIS,
          WRITE_TRY_MILLIS,
          TRIES,
          EXTRA_TRIES_PERCENT,
          BACKOFF_MILLIS,
          BACKOFF_MAX_MILLIS,
          HEDGE,
          HEDGE_MIN_MILLIS,
          BREAKER_FAILURES,
          BREAKER_SILENCE_MILLIS,
          BREAKER_PAUSE_MILLIS,
          BREAKER_PAUSE_MAX_MILLIS,
          CONCURRENCY,
          CONCURRENCY_MIN,
          WAITERS,
          ACCOUNTS,
          QUARANTINE,
          KNOWN_BLOCKS);

  private ObjectSettings() {}
}
