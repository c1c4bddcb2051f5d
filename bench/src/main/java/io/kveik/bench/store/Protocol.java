package io.kveik.bench.store;

/** What a store speaks; each has one driver. */
public enum Protocol {
  /** The v1 gRPC service, through the Java client. */
  V1,
  /** RESP, Redis's own. */
  RESP,
  /** memcached's text protocol. */
  MEMCACHED,
  /** Azure Blob Storage over HTTP. */
  OBJECT,
  /** The least there is over a socket: see {@link SlotProtocol}. */
  SLOTS,
  /** No wire at all: a copy within the process. */
  COPY;

  /** The driver for a store; nothing is connected yet. */
  public BlockStore open(String where, StoreSettings settings) {
    return switch (this) {
      case V1 -> new V1Store(where, settings);
      case RESP -> new RedisStore(where, settings);
      case MEMCACHED -> new MemcachedStore(where, settings);
      case OBJECT -> new ObjectStore(where, settings);
      case SLOTS -> new SlotStore(where);
      case COPY -> new CopyStore(settings);
    };
  }
}
