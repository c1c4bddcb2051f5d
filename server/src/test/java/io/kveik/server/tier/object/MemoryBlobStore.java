package io.kveik.server.tier.object;

import io.kveik.server.memory.Lease;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A blob store in the heap that keeps every promise of the SPI, and breaks where its {@link Faults}
 * tell it to. What it holds is open to tests, to rot and to swap.
 */
public final class MemoryBlobStore implements BlobStore {
  /** A blob as it lies there. */
  public record Blob(Map<String, String> metadata, byte[] body) {}

  /** Decides the fate of each call; asked once per call, in the order of the calls. */
  @FunctionalInterface
  public interface Faults {
    Faults NONE = call -> null;

    /**
     * @param call the method's name
     * @return null for a call that goes well
     */
    @Nullable Fault next(String call);
  }

  /**
   * How a call fails.
   *
   * @param failure what its caller is told
   * @param afterEffect true when the store did it and only the answer was lost
   */
  public record Fault(BlobFailure failure, boolean afterEffect) {}

  private final ConcurrentSkipListMap<String, Blob> blobs = new ConcurrentSkipListMap<>();

  private final AtomicLong calls = new AtomicLong();
  private volatile Faults faults = Faults.NONE;
  private volatile boolean closed;

  public void setFaults(Faults faults) {
    this.faults = faults;
  }

  /** Calls so far, failed ones included. */
  public long calls() {
    return calls.get();
  }

  /** All of it by "account/container/path", live. */
  public Map<String, Blob> blobs() {
    return blobs;
  }

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public BlobOutcome.Put put(
      BlobName blob, Map<String, String> metadata, MemorySegment body, long timeoutMillis) {
    Fault fault = fate("put");
    if (fault != null && !fault.afterEffect()) {
      return new BlobOutcome.Failed(fault.failure());
    }
    Blob fresh = new Blob(Map.copyOf(metadata), body.toArray(ValueLayout.JAVA_BYTE));
    boolean created = blobs.putIfAbsent(place(blob), fresh) == null;
    if (fault != null) {
      return new BlobOutcome.Failed(fault.failure());
    }
    return created ? new BlobOutcome.Created() : new BlobOutcome.Exists();
  }

  @Override
  public BlobOutcome.Put replace(
      BlobName blob, Map<String, String> metadata, MemorySegment body, long timeoutMillis) {
    Fault fault = fate("replace");
    if (fault == null || fault.afterEffect()) {
      blobs.put(place(blob), new Blob(Map.copyOf(metadata), body.toArray(ValueLayout.JAVA_BYTE)));
    }
    return fault == null ? new BlobOutcome.Created() : new BlobOutcome.Failed(fault.failure());
  }

  @Override
  public BlobOutcome.Get get(BlobName blob, BlobSink sink, long timeoutMillis) {
    return get("get", blob, 0, -1, sink);
  }

  @Override
  public BlobOutcome.Get getRange(
      BlobName blob, long offset, long length, BlobSink sink, long timeoutMillis) {
    return get("getRange", blob, offset, length, sink);
  }

  private BlobOutcome.Get get(
      String call, BlobName name, long offset, long rangeLength, BlobSink sink) {
    Fault fault = fate(call);
    if (fault != null && !fault.afterEffect()) {
      return new BlobOutcome.Failed(fault.failure());
    }
    Blob blob = blobs.get(place(name));
    if (blob == null) {
      return new BlobOutcome.NotThere();
    }
    long length = rangeLength < 0 ? blob.body().length : rangeLength;
    if (offset + length > blob.body().length) {
      return new BlobOutcome.Failed(
          new BlobFailure(BlobFailure.Kind.REFUSED, 0, "the blob is shorter"));
    }
    Lease lease = sink.place(blob.metadata(), length);
    if (lease == null) {
      return new BlobOutcome.Declined(blob.metadata(), length);
    }
    // What breaks off has written a part of it.
    long written = fault == null ? length : length / 2;
    MemorySegment.copy(MemorySegment.ofArray(blob.body()), offset, lease.segment(), 0, written);
    if (fault != null) {
      lease.close();
      return new BlobOutcome.Failed(fault.failure());
    }
    return new BlobOutcome.Fetched(blob.metadata(), lease, length);
  }

  @Override
  public BlobOutcome.Head head(BlobName name, long timeoutMillis) {
    Fault fault = fate("head");
    if (fault != null) {
      return new BlobOutcome.Failed(fault.failure());
    }
    Blob blob = blobs.get(place(name));
    return blob == null
        ? new BlobOutcome.NotThere()
        : new BlobOutcome.Present(blob.metadata(), blob.body().length);
  }

  @Override
  public BlobOutcome.Delete delete(BlobName blob, long timeoutMillis) {
    Fault fault = fate("delete");
    if (fault == null || fault.afterEffect()) {
      blobs.remove(place(blob));
    }
    return fault == null ? new BlobOutcome.Deleted() : new BlobOutcome.Failed(fault.failure());
  }

  @Override
  public boolean list(
      BlobContainer container, String prefix, Predicate<String> visitor, long timeoutMillis) {
    if (fate("list") != null) {
      return false;
    }
    String root = place(new BlobName(container, ""));
    List<String> found =
        blobs.tailMap(root + prefix).keySet().stream()
            .takeWhile(place -> place.startsWith(root + prefix))
            .map(place -> place.substring(root.length()))
            .toList();
    for (String path : found) {
      if (!visitor.test(path)) {
        return true;
      }
    }
    return true;
  }

  @Override
  public void close() {
    closed = true;
  }

  private @Nullable Fault fate(String call) {
    calls.incrementAndGet();
    return closed
        ? new Fault(new BlobFailure(BlobFailure.Kind.UNAVAILABLE, 0, "closed"), false)
        : faults.next(call);
  }

  private static String place(BlobName name) {
    BlobContainer container = name.container();
    return container.account() + "/" + container.container() + "/" + name.path();
  }
}
