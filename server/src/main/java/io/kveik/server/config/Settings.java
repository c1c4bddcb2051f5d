package io.kveik.server.config;

import static io.kveik.server.config.Setting.Kind.BYTES;
import static io.kveik.server.config.Setting.Kind.COUNT;
import static io.kveik.server.config.Setting.Kind.MILLIS;
import static io.kveik.server.config.Setting.choice;
import static io.kveik.server.config.Setting.number;
import static io.kveik.server.config.Setting.text;
import static io.kveik.server.config.Setting.toggle;

import java.util.List;
import java.util.stream.Stream;

/** The catalogue of settings, in the order {@code config explain} shows them. */
public final class Settings {
  private static final long KIB = 1024;
  private static final long MIB = 1024 * KIB;
  private static final long GIB = 1024 * MIB;
  private static final long TIB = 1024 * GIB;
  private static final long DAY_MILLIS = 24L * 60 * 60 * 1000;

  // The original's flags; all keep their names.
  public static final Setting HOST =
      text("host", "127.0.0.1", "Address to listen on; beyond loopback needs --insecure.");
  public static final Setting PORT =
      number("port", COUNT, "50051", 0, 65_535, "gRPC port; 0 takes a free one.");
  public static final Setting THREADS =
      number("threads", COUNT, "0", 0, 1_024, "Threads for lookups and writes; 0: one per core.")
          .mapping("the call executor of Lookup and Write; reads from DRAM run on the event loops");
  public static final Setting BLOB_DNS_SUFFIX =
      text(
              "blob-dns-suffix",
              ".blob.core.windows.net",
              "Appended to a resource name to make its storage account's host.")
          .mapping("the account endpoint that the in-memory resolver reports");
  public static final Setting LOG_LEVEL =
      choice("log-level", "info", List.of("error", "info", "verbose"), "How much to log.");
  public static final Setting TRANSPORT =
      choice(
              "transport",
              "libcurl",
              List.of("winhttp", "libcurl"),
              "The original's HTTP stack for storage accounts.")
          .mapping(
              "Azure over libcurl: Reactor Netty (epoll, or NIO where there is none); winhttp: the"
                  + " JDK's HTTP client");
  public static final Setting DISABLE_METRICS =
      toggle("disable-metrics", "No metrics line on the console.");
  public static final Setting ENABLE_SDK_LOGGING =
      toggle("enable-sdk-logging", "Log what the libraries below log (gRPC, Netty).")
          .mapping("log level DEBUG for io.grpc and io.netty");
  public static final Setting DISABLE_MULTI_NIC =
      toggle("disable-multi-nic", "No round-robin over network interfaces.")
          .mapping("Azure: one address that the system chooses; see azure.source-addresses");
  public static final Setting METRICS_ENDPOINT =
      text("metrics-endpoint", "", "OTLP endpoint to export metrics to (HTTP); empty: none.");
  public static final Setting INSTRUMENTATION_KEY =
      text("instrumentation-key", "", "Key that goes with the exported metrics; empty: none.")
          .mapping("the resource attribute instrumentation.key of the OTLP export");

  // Where blocks live.
  public static final Setting INSECURE =
      toggle("insecure", "Allow listening beyond loopback without TLS and authentication.");
  public static final Setting DATA_DIR =
      text("data-dir", "", "Directory for the secret and the fs tier; empty: the user's own.")
          .mapping("empty: $XDG_DATA_HOME/kveik or ~/.local/share/kveik");
  public static final Setting DRAM_BYTES =
      number("dram-bytes", BYTES, "1GiB", 64 * KIB, 64 * TIB, "Memory for the DRAM tier.")
          .mapping("one off-heap slab; see dram-pretouch");
  public static final Setting DRAM_PRETOUCH =
      choice(
          "dram-pretouch",
          "background",
          List.of("background", "start", "off"),
          "Make the slab resident: beside the first requests, before them, or as blocks fill it.");
  public static final Setting EVICTION_POLICY =
      choice(
          "eviction.policy",
          "default",
          List.of("default", "lru", "s3-fifo", "arc", "hit-density"),
          "Who goes when a tier is full; ./kveik what-if compares them on a trace.");
  public static final Setting EVICTION_COST_DOUBLES_AT_DEPTH =
      number(
          "eviction.cost-doubles-at-depth",
          COUNT,
          "0",
          0,
          100_000_000,
          "The default policy keeps what is dear to compute: a block this deep costs twice as much"
              + " as a first one, and counts by its bytes; 0: all blocks alike.");
  public static final Setting MEMORY_HUGE_PAGES =
      choice(
              "memory.huge-pages",
              "on",
              List.of("on", "off"),
              "Ask for pages of 2 MiB for the slab and the index: fewer waits for page tables.")
          .mapping(
              "madvise(MADV_HUGEPAGE) on Linux, a hint; memory becomes resident 2 MiB at a time");
  public static final Setting FS_BYTES =
      number("fs-bytes", BYTES, "16GiB", 0, 1_024 * TIB, "Disk for the fs tier; 0: no fs tier.");
  public static final Setting FS_FSYNC =
      choice("fs-fsync", "on", List.of("on", "off"), "Sync each block before it counts as stored.");
  public static final Setting ACK =
      choice(
          "ack",
          "memory",
          List.of("memory", "local", "shared"),
          "The level a Write waits for when it names none.");

  // Limits.
  public static final Setting LIMIT_BLOCK_BYTES =
      number(
          "limits.block-bytes", BYTES, "64MiB", 1 * KIB, 1 * GIB, "Largest buffer of one block.");
  public static final Setting LIMIT_LOOKUP_TOKENS =
      number(
          "limits.lookup-tokens", COUNT, "1048576", 128, 16_777_216, "Most tokens in one Lookup.");
  public static final Setting LIMIT_IDS =
      number("limits.ids", COUNT, "65536", 1, 1_048_576, "Most block ids in one Match or Load.");
  public static final Setting LIMIT_TICKETS =
      number("limits.tickets", COUNT, "16384", 1, 1_000_000, "Tickets alive at a time.")
          .mapping("one more ends the oldest");
  public static final Setting LIMIT_CONNECTIONS =
      number("limits.connections", COUNT, "1024", 1, 1_000_000, "Most client connections.");
  public static final Setting LIMIT_CALLS =
      number("limits.calls", COUNT, "4096", 1, 1_000_000, "Most calls in progress.");
  public static final Setting LIMIT_UNSENT_BYTES =
      number(
              "limits.unsent-bytes",
              BYTES,
              "1GiB",
              1 * MIB,
              64 * GIB,
              "Most bytes of answers that clients may leave unread.")
          .mapping("all connections together; one connection gets a quarter of it");
  public static final Setting LIMIT_INBOUND_BYTES =
      number(
              "limits.inbound-bytes",
              BYTES,
              "1GiB",
              1 * MIB,
              64 * GIB,
              "Most bytes of requests that are arriving or waiting to be handled.")
          .mapping("all connections together; one connection gets a quarter of it");
  public static final Setting LIMIT_STREAM_AHEAD =
      number(
          "limits.stream-ahead",
          COUNT,
          "16",
          1,
          1_024,
          "Blocks of one stream (StreamingRead, Load, Store) worked on at a time.");
  public static final Setting LIMIT_CALL_IDLE_MILLIS =
      number(
          "limits.call-idle-millis",
          MILLIS,
          "120000",
          1_000,
          DAY_MILLIS,
          "A call that makes no progress for so long is ended.");
  public static final Setting LIMIT_NAMESPACES =
      number(
          "limits.cached-namespaces",
          COUNT,
          "65536",
          1,
          10_000_000,
          "Resolved namespaces kept ready; more are resolved again.");
  public static final Setting LIMIT_GHOSTS =
      number("limits.ghosts", COUNT, "262144", 8, 100_000_000, "Departed blocks remembered.");

  // Budgets and queues.
  public static final Setting LOOKUP_BUDGET_MILLIS =
      number(
          "lookup.budget-millis",
          MILLIS,
          "100",
          1,
          DAY_MILLIS,
          "A lookup that must ask a tier answers within this.");
  public static final Setting LOOKUP_PROBE_PARALLEL =
      number(
          "lookup.probe-parallel",
          COUNT,
          "8",
          1,
          1_024,
          "Blocks that one lookup asks tiers for at a time; storage.threads bounds all together.");
  public static final Setting READ_BUDGET_MILLIS =
      number(
          "read.budget-millis",
          MILLIS,
          "5000",
          1,
          DAY_MILLIS,
          "A read that must ask a tier is a miss after this.");
  public static final Setting WRITE_QUEUE_WAIT_MILLIS =
      number(
          "write.queue-wait-millis",
          MILLIS,
          "2000",
          0,
          DAY_MILLIS,
          "A write waits this long for room in a write-behind queue.");
  public static final Setting WRITE_ACK_WAIT_MILLIS =
      number(
          "write.ack-wait-millis",
          MILLIS,
          "10000",
          1,
          DAY_MILLIS,
          "A write waits this long for its ack level, then says which it reached.");
  public static final Setting BEHIND_BLOCKS =
      number("behind.blocks", COUNT, "8192", 1, 10_000_000, "Blocks waiting for a tier, at most.");
  public static final Setting BEHIND_BYTES =
      number(
              "behind.bytes",
              BYTES,
              "256MiB",
              64 * KIB,
              64 * TIB,
              "Bytes waiting for a tier, at most.")
          .mapping("never more than a quarter of dram-bytes");
  public static final Setting BEHIND_WRITERS =
      number("behind.writers", COUNT, "4", 1, 256, "Threads that write behind, per tier.");
  public static final Setting STORAGE_THREADS =
      number("storage.threads", COUNT, "8", 1, 1_024, "Threads that read from tiers.");
  public static final Setting STORAGE_QUEUE =
      number("storage.queue", COUNT, "4096", 1, 1_000_000, "Reads waiting for such a thread.");
  public static final Setting TIER_RETRY_MILLIS =
      number(
          "tier.retry-millis",
          MILLIS,
          "1000",
          1,
          DAY_MILLIS,
          "A tier that is down is tried again.");
  public static final Setting TICKET_MILLIS =
      number(
          "ticket.life-millis",
          MILLIS,
          "60000",
          100,
          DAY_MILLIS,
          "How long a ticket for the faster transports opens connections.");
  public static final Setting SHUTDOWN_MILLIS =
      number(
          "shutdown.drain-millis",
          MILLIS,
          "10000",
          0,
          DAY_MILLIS,
          "Calls in progress get this long to finish on SIGTERM.");

  private static final List<Setting> GENERAL =
      List.of(
          HOST,
          PORT,
          THREADS,
          BLOB_DNS_SUFFIX,
          LOG_LEVEL,
          TRANSPORT,
          DISABLE_METRICS,
          ENABLE_SDK_LOGGING,
          DISABLE_MULTI_NIC,
          METRICS_ENDPOINT,
          INSTRUMENTATION_KEY,
          INSECURE,
          DATA_DIR,
          DRAM_BYTES,
          DRAM_PRETOUCH,
          EVICTION_POLICY,
          EVICTION_COST_DOUBLES_AT_DEPTH,
          MEMORY_HUGE_PAGES,
          FS_BYTES,
          FS_FSYNC,
          ACK,
          LIMIT_BLOCK_BYTES,
          LIMIT_LOOKUP_TOKENS,
          LIMIT_IDS,
          LIMIT_TICKETS,
          LIMIT_CONNECTIONS,
          LIMIT_CALLS,
          LIMIT_UNSENT_BYTES,
          LIMIT_INBOUND_BYTES,
          LIMIT_STREAM_AHEAD,
          LIMIT_CALL_IDLE_MILLIS,
          LIMIT_NAMESPACES,
          LIMIT_GHOSTS,
          LOOKUP_BUDGET_MILLIS,
          LOOKUP_PROBE_PARALLEL,
          READ_BUDGET_MILLIS,
          WRITE_QUEUE_WAIT_MILLIS,
          WRITE_ACK_WAIT_MILLIS,
          BEHIND_BLOCKS,
          BEHIND_BYTES,
          BEHIND_WRITERS,
          STORAGE_THREADS,
          STORAGE_QUEUE,
          TIER_RETRY_MILLIS,
          TICKET_MILLIS,
          SHUTDOWN_MILLIS);

  private static final List<Setting> ALL =
      Stream.of(
              GENERAL,
              AdminSettings.ALL,
              GrpcSettings.ALL,
              DataSettings.ALL,
              SameHostSettings.ALL,
              ControlSettings.ALL,
              AccountSettings.ALL,
              NvmeSettings.ALL,
              CodecSettings.ALL,
              MovementSettings.ALL,
              NamespaceSettings.ALL,
              ObjectSettings.ALL,
              ExtentSettings.ALL,
              AzureSettings.ALL,
              S3Settings.ALL,
              PresenceSettings.ALL,
              RecordingSettings.ALL)
          .flatMap(List::stream)
          .toList();

  private Settings() {}

  public static List<Setting> all() {
    return ALL;
  }
}
