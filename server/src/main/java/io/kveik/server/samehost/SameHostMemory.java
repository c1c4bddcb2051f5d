package io.kveik.server.samehost;

import io.kveik.server.block.BlockKey;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Scheduler;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The memory that this server shares with clients on its host. Each file belongs to one tenant for
 * as long as it exists, and its memory goes back to the system when it is given up: no tenant can
 * ever map a page that has held another's block.
 *
 * <p>It comes on top of the DRAM tier: a block is copied into it when it is first asked for, and
 * read in place from then on. Memory is taken as clients ask for blocks. Any thread.
 */
public final class SameHostMemory implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SameHostMemory.class);
  private static final long SWEEP_MILLIS = 1_000;

  private final SameHostOptions options;
  private final SharedDirectory directory;
  private final Clock clock;
  private final Scheduler scheduler;
  private final SameHostCounters counters = new SameHostCounters();
  private final Set<Borrower> borrowers = ConcurrentHashMap.newKeySet();
  private final AtomicLong usedBytes = new AtomicLong();
  private final AtomicInteger segmentIds = new AtomicInteger();

  // Guarded by this.
  private final Map<String, TenantMemory> tenants = new HashMap<>();
  private volatile boolean closed;

  private SameHostMemory(
      SameHostOptions options, SharedDirectory directory, Clock clock, Scheduler scheduler) {
    this.options = options;
    this.directory = directory;
    this.clock = clock;
    this.scheduler = scheduler;
    scheduler.every(SWEEP_MILLIS, () -> borrowers.forEach(Borrower::endOverdue));
  }

  /**
   * @throws IOException when the folder can't be used
   */
  public static SameHostMemory open(SameHostOptions options, Clock clock, Scheduler scheduler)
      throws IOException {
    return new SameHostMemory(
        options, SharedDirectory.create(options.directory()), clock, scheduler);
  }

  /** A place for one connection of that tenant. */
  public synchronized Borrower borrower(String tenant) {
    TenantMemory memory = tenants.computeIfAbsent(tenant, _ -> new TenantMemory(segments()));
    memory.enter();
    Borrower[] self = new Borrower[1];
    Borrower borrower =
        new Borrower(memory, options, counters, clock, () -> left(tenant, memory, self[0]));
    self[0] = borrower;
    borrowers.add(borrower);
    return borrower;
  }

  /** The store no longer has that block: nobody is lent it any more; leases on it stay good. */
  public synchronized void forget(BlockKey key) {
    tenants.values().forEach(memory -> memory.drop(key));
  }

  public SameHostCounters counters() {
    return counters;
  }

  /** Shared memory taken from the system. */
  public long usedBytes() {
    return usedBytes.get();
  }

  public long capacityBytes() {
    return options.capacityBytes();
  }

  /**
   * Call when no connection is left. Clients that have not noticed yet keep what they map: its
   * files only lose their names.
   */
  @Override
  public synchronized void close() throws IOException {
    closed = true;
    tenants.values().forEach(TenantMemory::closeIfUnused);
    tenants.clear();
    directory.close();
  }

  private void left(String tenant, TenantMemory memory, Borrower borrower) {
    borrowers.remove(borrower);
    if (memory.leave()) {
      scheduler.after(options.idleMillis(), () -> closeIfUnused(tenant, memory));
    }
  }

  private synchronized void closeIfUnused(String tenant, TenantMemory memory) {
    if (memory.closeIfUnused()) {
      tenants.remove(tenant, memory);
    }
  }

  private TenantMemory.SegmentSource segments() {
    return new TenantMemory.SegmentSource() {
      @Override
      public @Nullable SharedSegment another(long tenantBytes) {
        return anotherSegment(tenantBytes);
      }

      @Override
      public void giveBack(SharedSegment segment) {
        usedBytes.addAndGet(-segment.capacityBytes());
        try {
          segment.close(!closed);
        } catch (IOException e) {
          LOG.error("shared memory could not be given back", e);
        }
      }
    };
  }

  private @Nullable SharedSegment anotherSegment(long tenantBytes) {
    long bytes = options.segmentBytes();
    if (tenantBytes + bytes > options.tenantBytes()) {
      return null;
    }
    if (usedBytes.addAndGet(bytes) > options.capacityBytes()) {
      usedBytes.addAndGet(-bytes);
      return null;
    }
    try {
      return SharedSegment.create(segmentIds.incrementAndGet(), directory.freshFile(), bytes);
    } catch (IOException e) {
      usedBytes.addAndGet(-bytes);
      LOG.error("no shared memory: {}", e.getMessage());
      return null;
    }
  }
}
