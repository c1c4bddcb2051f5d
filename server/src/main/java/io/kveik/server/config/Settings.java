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

  // gRPC, as the original sets it.
  public static final Setting GRPC_TCP_NODELAY =
      choice("grpc.tcp-nodelay", "on", List.of("on", "off"), "Disable Nagle's algorithm.")
          .mapping("ChannelOption.TCP_NODELAY");
  public static final Setting GRPC_KEEPALIVE_MILLIS =
      number("grpc.keepalive-millis", MILLIS, "10000", 10_000, DAY_MILLIS, "Ping idle peers.")
          .mapping("NettyServerBuilder.keepAliveTime, which goes no lower than 10 s");
  public static final Setting GRPC_KEEPALIVE_TIMEOUT_MILLIS =
      number(
              "grpc.keepalive-timeout-millis",
              MILLIS,
              "5000",
              100,
              DAY_MILLIS,
              "A peer that does not answer a ping for so long is gone.")
          .mapping("NettyServerBuilder.keepAliveTimeout");
  public static final Setting GRPC_PERMIT_PING_MILLIS =
      number(
              "grpc.permit-ping-millis",
              MILLIS,
              "5000",
              1,
              DAY_MILLIS,
              "Clients may ping this often, also without calls.")
          .mapping("NettyServerBuilder.permitKeepAliveTime, permitKeepAliveWithoutCalls(true)");
  public static final Setting GRPC_MAX_STREAMS =
      number(
              "grpc.max-concurrent-streams",
              COUNT,
              "200",
              1,
              100_000,
              "Calls at a time on one connection.")
          .mapping("NettyServerBuilder.maxConcurrentCallsPerConnection");
  public static final Setting GRPC_MAX_FRAME_BYTES =
      number(
              "grpc.max-frame-bytes",
              BYTES,
              "64KiB",
              16 * KIB,
              16 * MIB - KIB,
              "Largest HTTP/2 frame that clients may send.")
          .mapping(
              "SETTINGS_MAX_FRAME_SIZE, announced after gRPC's own SETTINGS; what the server sends"
                  + " follows the client's");
  public static final Setting GRPC_RECEIVE_BYTES =
      number(
              "grpc.receive-bytes",
              BYTES,
              "1MiB",
              64 * KIB,
              16 * MIB,
              "What one read of a socket takes at most; grows to it with the traffic.")
          .mapping("ChannelOption.RECVBUF_ALLOCATOR, adaptive");
  public static final Setting GRPC_WINDOW_BYTES =
      number(
              "grpc.window-bytes",
              BYTES,
              "64MiB",
              64 * KIB,
              1 * GIB,
              "Flow-control window of a stream and of a connection.")
          .mapping("NettyServerBuilder.initialFlowControlWindow");
  public static final Setting GRPC_WRITE_WATERMARK_BYTES =
      number(
              "grpc.write-watermark-bytes",
              BYTES,
              "8MiB",
              64 * KIB,
              1 * GIB,
              "Bytes queued in a socket before writers pause.")
          .mapping("ChannelOption.WRITE_BUFFER_WATER_MARK (low: half of it)");

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

  public static final Setting LIMIT_OWED_REMOVALS =
      number(
              "limits.owed-removals",
              COUNT,
              "100000",
              1,
              10_000_000,
              "Deleted blocks that tiers which are down may owe the removal of.")
          .mapping("beyond it deletions are refused; about 250 bytes of heap each");

  public static final Setting LIMIT_PINNED_PERCENT =
      number(
          "limits.pinned-percent",
          COUNT,
          "25",
          0,
          100,
          "Percent of DRAM that one namespace may pin.");
  public static final Setting LIMIT_PINNED_BLOCKS =
      number(
              "limits.pinned-blocks",
              COUNT,
              "100000",
              0,
              10_000_000,
              "Blocks that all namespaces together may pin.")
          .mapping("about 120 bytes of heap each");

  // Control operations.
  public static final Setting CONTROL_THREADS =
      number("control.threads", COUNT, "2", 1, 64, "Control operations that run at a time.");
  public static final Setting CONTROL_QUEUE =
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

  // The raw data port.
  public static final Setting DATA_PORT =
      text("data.port", "auto", "TCP port for blocks, beside gRPC; 0: a free one; off: none.")
          .mapping("auto: the gRPC port + 1, or a free one where that is taken");
  public static final Setting DATA_UNIX_PATH =
      text("data.unix-path", "auto", "Unix socket for blocks; off: none.")
          .mapping("auto: data.sock in the data directory, or none where that path is too long");
  public static final Setting DATA_TLS_CERT =
      text("data.tls-cert", "", "PEM file of the data port's certificate chain; empty: no TLS.");
  public static final Setting DATA_TLS_KEY =
      text("data.tls-key", "", "PEM file of its private key (PKCS#8, not encrypted).");
  public static final Setting DATA_SOCKET_BUFFER_BYTES =
      number(
              "data.socket-buffer-bytes",
              BYTES,
              "2MiB",
              0,
              64 * MIB,
              "Socket buffer of each direction; 0: as the system sees fit.")
          .mapping("SO_SNDBUF, and SO_RCVBUF of TCP; the kernel's own limits hold");
  public static final Setting DATA_CONNECTIONS =
      number("data.connections", COUNT, "256", 1, 65_536, "Most connections, a thread each.");
  public static final Setting DATA_GREETINGS =
      number("data.greetings", COUNT, "64", 1, 65_536, "Most connections without a ticket yet.")
          .mapping("one more ends the oldest");
  public static final Setting DATA_REQUESTS =
      number("data.requests", COUNT, "64", 1, 65_536, "Requests of one connection at a time.");
  public static final Setting DATA_COLD_BLOCKS =
      number(
          "data.cold-blocks",
          COUNT,
          "16",
          1,
          1_024,
          "Blocks fetched from below DRAM for one connection at a time.");
  public static final Setting DATA_REQUEST_BYTES =
      number(
          "data.request-bytes",
          BYTES,
          "64MiB",
          8 * MIB,
          16 * GIB,
          "Most bytes of load requests that are not answered, all connections.");
  public static final Setting DATA_LEASED_BYTES =
      number(
              "data.leased-bytes",
              BYTES,
              "1GiB",
              1 * MIB,
              64 * TIB,
              "Most bytes of blocks being sent or waiting for it, all connections.")
          .mapping("never more than half of dram-bytes, never less than one block");
  public static final Setting DATA_RECEIVING_BYTES =
      number(
              "data.receiving-bytes",
              BYTES,
              "256MiB",
              1 * MIB,
              64 * TIB,
              "Most bytes of payloads that are arriving, all connections.")
          .mapping("never more than a quarter of dram-bytes, never less than one block");
  public static final Setting DATA_HELLO_MILLIS =
      number("data.hello-millis", MILLIS, "5000", 10, DAY_MILLIS, "To show a ticket within.");
  public static final Setting DATA_IDLE_MILLIS =
      number(
          "data.idle-millis",
          MILLIS,
          "120000",
          10,
          DAY_MILLIS,
          "A connection whose client sends nothing for so long is closed.");
  public static final Setting DATA_FRAME_MILLIS =
      number(
          "data.frame-millis",
          MILLIS,
          "10000",
          10,
          DAY_MILLIS,
          "A frame, payload included, that takes longer either way ends its connection.");

  // Memory shared with clients on this host.
  public static final Setting SAME_HOST_BYTES =
      number(
              "same-host.bytes",
              BYTES,
              "0",
              0,
              64 * TIB,
              "Memory that clients on this host may map, beside the DRAM tier; 0: none.")
          .mapping("files on a tmpfs, each of one tenant, taken as clients ask for blocks");
  public static final Setting SAME_HOST_TENANT_BYTES =
      number(
          "same-host.tenant-bytes", BYTES, "64TiB", 1 * MIB, 64 * TIB, "Most of it for a tenant.");
  public static final Setting SAME_HOST_SEGMENT_BYTES =
      number(
          "same-host.segment-bytes",
          BYTES,
          "64MiB",
          1 * MIB,
          64 * GIB,
          "One file of it; larger blocks are not lent.");
  public static final Setting SAME_HOST_DIR =
      text("same-host.dir", "/dev/shm", "A folder on a tmpfs for it.");
  public static final Setting SAME_HOST_LEASE_MILLIS =
      number(
          "same-host.lease-millis",
          MILLIS,
          "10000",
          100,
          DAY_MILLIS,
          "How long a client may read a block that it was lent.");
  public static final Setting SAME_HOST_LEASES =
      number("same-host.leases", COUNT, "1024", 1, 1_000_000, "Most leases of one connection.");
  public static final Setting SAME_HOST_IDLE_MILLIS =
      number(
          "same-host.idle-millis",
          MILLIS,
          "60000",
          1_000,
          DAY_MILLIS,
          "A tenant without a connection keeps its part for so long.");

  // The operator's port.
  public static final Setting ADMIN_HOST =
      text("admin.host", "127.0.0.1", "Address of the operator's HTTP port.");
  public static final Setting ADMIN_PORT =
      text("admin.port", "auto", "HTTP port for /metrics; 0: a free one; off: none.")
          .mapping("auto: the gRPC port + 10000, or a free one where that is not a port");
  public static final Setting ADMIN_BODY_BYTES =
      number(
          "admin.body-bytes",
          BYTES,
          "8MiB",
          1 * KIB,
          1 * GIB,
          "Largest body of an operation's request.");
  public static final Setting ADMIN_CALL_MILLIS =
      number(
          "admin.call-millis",
          MILLIS,
          "60000",
          1,
          DAY_MILLIS,
          "An operation on the operator's port is stopped after this.");

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
          ADMIN_HOST,
          ADMIN_PORT,
          ADMIN_BODY_BYTES,
          ADMIN_CALL_MILLIS,
          GRPC_TCP_NODELAY,
          GRPC_KEEPALIVE_MILLIS,
          GRPC_KEEPALIVE_TIMEOUT_MILLIS,
          GRPC_PERMIT_PING_MILLIS,
          GRPC_MAX_STREAMS,
          GRPC_MAX_FRAME_BYTES,
          GRPC_RECEIVE_BYTES,
          GRPC_WINDOW_BYTES,
          GRPC_WRITE_WATERMARK_BYTES,
          DATA_PORT,
          DATA_UNIX_PATH,
          DATA_TLS_CERT,
          DATA_TLS_KEY,
          DATA_SOCKET_BUFFER_BYTES,
          DATA_CONNECTIONS,
          DATA_GREETINGS,
          DATA_REQUESTS,
          DATA_COLD_BLOCKS,
          DATA_REQUEST_BYTES,
          DATA_LEASED_BYTES,
          DATA_RECEIVING_BYTES,
          DATA_HELLO_MILLIS,
          DATA_IDLE_MILLIS,
          DATA_FRAME_MILLIS,
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
          LIMIT_OWED_REMOVALS,
          LIMIT_PINNED_PERCENT,
          LIMIT_PINNED_BLOCKS,
          CONTROL_THREADS,
          CONTROL_QUEUE,
          PREFETCH_PERCENT,
          PREFETCH_AHEAD,
          QUERY_BLOCKS,
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
          SHUTDOWN_MILLIS,
          SAME_HOST_BYTES,
          SAME_HOST_TENANT_BYTES,
          SAME_HOST_SEGMENT_BYTES,
          SAME_HOST_DIR,
          SAME_HOST_LEASE_MILLIS,
          SAME_HOST_LEASES,
          SAME_HOST_IDLE_MILLIS);

  private static final List<Setting> ALL =
      Stream.of(
              GENERAL,
              AccountSettings.ALL,
              NvmeSettings.ALL,
              MovementSettings.ALL,
              ObjectSettings.ALL,
              AzureSettings.ALL,
              S3Settings.ALL,
              PresenceSettings.ALL)
          .flatMap(List::stream)
          .toList();

  private Settings() {}

  public static List<Setting> all() {
    return ALL;
  }
}
