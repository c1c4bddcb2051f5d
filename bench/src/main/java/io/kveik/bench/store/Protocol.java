package io.kveik.bench.store;

import io.kveik.client.data.TransportKind;

/** What a store speaks; each has one driver. */
public enum Protocol {
  /** The v1 gRPC service, through the Java client. */
  V1,
  /** The native service, blocks over gRPC too. */
  NATIVE_GRPC,
  /** The native service, blocks over the raw data port by TCP. */
  NATIVE_TCP,
  /** The native service, blocks over the raw data port's Unix socket. */
  NATIVE_UNIX,
  /** The native service, blocks copied from the server's memory on this host. */
  NATIVE_SAME_HOST,
  /** The same, blocks read in the server's memory. */
  NATIVE_LENT,
  /** RESP, Redis's own. */
  RESP,
  /** memcached's text protocol. */
  MEMCACHED,
  /** Azure Blob Storage over HTTP. */
  OBJECT,
  /** The least there is over a socket: see {@link SlotProtocol}. */
  SLOTS,
  /** No wire at all: a copy within the process. */
  COPY,
  /** No wire at all: a file, read and written past the page cache. */
  DISK;

  /** The driver for a store; nothing is connected yet. */
  public BlockStore open(String where, StoreSettings settings) {
    return switch (this) {
      case V1 -> new V1Store(where, settings);
      case NATIVE_GRPC -> new NativeStore(where, settings, TransportKind.GRPC, false);
      case NATIVE_TCP -> new NativeStore(where, settings, TransportKind.TCP, false);
      case NATIVE_UNIX -> new NativeStore(where, settings, TransportKind.UNIX, false);
      case NATIVE_SAME_HOST -> new NativeStore(where, settings, TransportKind.SAME_HOST, false);
      case NATIVE_LENT -> new NativeStore(where, settings, TransportKind.SAME_HOST, true);
      case RESP -> new RedisStore(where, settings);
      case MEMCACHED -> new MemcachedStore(where, settings);
      case OBJECT -> new ObjectStore(where, settings);
      case SLOTS -> new SlotStore(where);
      case COPY -> new CopyStore(settings);
      case DISK -> new DiskStore(where, settings);
    };
  }
}
