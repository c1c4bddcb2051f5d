package io.kveik.server.tier.azure;

import com.azure.core.http.rest.PagedFlux;
import com.azure.core.http.rest.PagedResponse;
import com.azure.storage.blob.BlobContainerAsyncClient;
import com.azure.storage.blob.models.BlobDownloadAsyncResponse;
import com.azure.storage.blob.models.BlobErrorCode;
import com.azure.storage.blob.models.BlobItem;
import com.azure.storage.blob.models.BlobProperties;
import com.azure.storage.blob.models.BlobRange;
import com.azure.storage.blob.models.BlobRequestConditions;
import com.azure.storage.blob.models.DownloadRetryOptions;
import com.azure.storage.blob.models.ListBlobsOptions;
import com.azure.storage.blob.options.BlockBlobSimpleUploadOptions;
import io.kveik.server.memory.Lease;
import io.kveik.server.runtime.Clock;
import io.kveik.server.tier.object.BlobContainer;
import io.kveik.server.tier.object.BlobFailure;
import io.kveik.server.tier.object.BlobName;
import io.kveik.server.tier.object.BlobOutcome;
import io.kveik.server.tier.object.BlobSink;
import io.kveik.server.tier.object.BlobStore;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Azure Blob Storage: a block blob per blob, one request per call. Where an account is, comes from
 * the {@link BlobContainer} alone; the SDK neither retries nor follows redirects.
 *
 * <p>Payloads go between the caller's memory and the network's buffers in pieces ({@link
 * CallMemory}), never through an array of their size. Memory is not touched once a call has
 * returned, however it ended. Any thread; calls block.
 */
public final class AzureBlobStore implements BlobStore {
  private static final Logger LOG = LoggerFactory.getLogger(AzureBlobStore.class);
  private static final String IF_ABSENT = "*";
  private static final int LIST_PAGE = 1_000;
  private static final int NOT_FOUND = 404;
  private static final int UNAUTHORISED = 401;
  private static final int FORBIDDEN = 403;
  private static final int RANGE_NOT_SATISFIABLE = 416;

  private final AccountClients clients;
  private final Transports transports;
  private final boolean createContainers;
  private final Clock clock;

  private AzureBlobStore(
      AzureCredentials credentials, Transports transports, AzureOptions options, Clock clock) {
    this.transports = transports;
    this.clients = new AccountClients(credentials, transports, options.limits().clients());
    this.createContainers = options.createContainers();
    this.clock = clock;
  }

  /**
   * Makes the store; connects to nothing yet.
   *
   * @throws IOException when the trusted certificate can't be used
   */
  public static AzureBlobStore open(AzureOptions options, AzureCredentials credentials, Clock clock)
      throws IOException {
    return new AzureBlobStore(credentials, new Transports(options, clock), options, clock);
  }

  @Override
  public String name() {
    return "azure";
  }

  /** What each source address has done so far. */
  public List<SourceStatus> sources() {
    return transports.sources();
  }

  @Override
  public BlobOutcome.Put put(
      BlobName blob, Map<String, String> metadata, MemorySegment body, long timeoutMillis) {
    return upload(
        blob, metadata, body, new BlobRequestConditions().setIfNoneMatch(IF_ABSENT), timeoutMillis);
  }

  @Override
  public BlobOutcome.Put replace(
      BlobName blob, Map<String, String> metadata, MemorySegment body, long timeoutMillis) {
    return upload(blob, metadata, body, new BlobRequestConditions(), timeoutMillis);
  }

  private BlobOutcome.Put upload(
      BlobName blob,
      Map<String, String> metadata,
      MemorySegment body,
      BlobRequestConditions conditions,
      long timeoutMillis) {
    Deadline deadline = new Deadline(timeoutMillis);
    try (CallMemory memory = new CallMemory(body)) {
      BlobContainerAsyncClient container = clients.of(blob.container());
      Mono<?> request =
          container
              .getBlobAsyncClient(blob.path())
              .getBlockBlobAsyncClient()
              .uploadWithResponse(
                  new BlockBlobSimpleUploadOptions(pieces(memory), memory.byteSize())
                      .setMetadata(metadata)
                      .setRequestConditions(conditions))
              .contextWrite(CallContext.uploading(memory));
      try {
        Await.result(request, deadline.leftMillis());
      } catch (ExecutionException e) {
        if (!createContainers || !AzureFailures.is(BlobErrorCode.CONTAINER_NOT_FOUND, causeOf(e))) {
          throw e;
        }
        Await.result(container.createIfNotExists(), deadline.leftMillis());
        Await.result(request, deadline.leftMillis());
      }
      return new BlobOutcome.Created();
    } catch (IOException | ExecutionException | TimeoutException | InterruptedException e) {
      Throwable failure = causeOf(e);
      return isThere(failure)
          ? new BlobOutcome.Exists()
          : new BlobOutcome.Failed(failed(blob.container(), failure));
    }
  }

  /** For transports that know nothing of {@link CallContext}. */
  private static Flux<ByteBuffer> pieces(CallMemory memory) {
    return Flux.generate(
        () -> 0L,
        (offset, sink) -> {
          long length = Math.min(CallMemory.PIECE_BYTES, memory.byteSize() - offset);
          if (length == 0) {
            sink.complete();
          } else {
            ByteBuffer piece = ByteBuffer.allocate((int) length);
            memory.read(offset, piece);
            sink.next(piece.flip());
          }
          return offset + length;
        });
  }

  private static boolean isThere(Throwable failure) {
    return AzureFailures.is(BlobErrorCode.BLOB_ALREADY_EXISTS, failure)
        || AzureFailures.is(BlobErrorCode.CONDITION_NOT_MET, failure);
  }

  @Override
  public BlobOutcome.Get get(BlobName blob, BlobSink sink, long timeoutMillis) {
    return download(blob, null, sink, timeoutMillis);
  }

  @Override
  public BlobOutcome.Get getRange(
      BlobName blob, long offset, long length, BlobSink sink, long timeoutMillis) {
    return download(blob, new BlobRange(offset, length), sink, timeoutMillis);
  }

  private BlobOutcome.Get download(
      BlobName blob, @Nullable BlobRange range, BlobSink sink, long timeoutMillis) {
    Deadline deadline = new Deadline(timeoutMillis);
    try {
      Mono<BlobDownloadAsyncResponse> request =
          clients
              .of(blob.container())
              .getBlobAsyncClient(blob.path())
              .downloadStreamWithResponse(
                  range, new DownloadRetryOptions().setMaxRetryRequests(0), null, false)
              .contextWrite(CallContext.streaming());
      BlobDownloadAsyncResponse answer =
          Objects.requireNonNull(
              Await.result(request, deadline.leftMillis(), AzureBlobStore::abandon));
      // The sink is asked on this thread: a call that was given up can't call it any more.
      return receive(answer, range, sink, deadline);
    } catch (IOException | ExecutionException | TimeoutException | InterruptedException e) {
      Throwable failure = causeOf(e);
      return AzureFailures.status(failure) == NOT_FOUND
          ? new BlobOutcome.NotThere()
          : new BlobOutcome.Failed(failed(blob.container(), failure));
    }
  }

  private static BlobOutcome.Get receive(
      BlobDownloadAsyncResponse answer, @Nullable BlobRange range, BlobSink sink, Deadline deadline)
      throws ExecutionException, TimeoutException, InterruptedException {
    boolean read = false;
    try {
      Long length = answer.getDeserializedHeaders().getContentLength();
      if (length == null) {
        return new BlobOutcome.Failed(AzureFailures.refused("an answer without its length"));
      }
      if (range != null && !length.equals(range.getCount())) {
        return new BlobOutcome.Failed(tooShort());
      }
      Map<String, String> metadata = lowerCase(answer.getDeserializedHeaders().getMetadata());
      Lease place = sink.place(metadata, length);
      if (place == null) {
        return new BlobOutcome.Declined(metadata, length);
      }
      read = true;
      if (fill(place, length, answer.getValue(), deadline)) {
        return new BlobOutcome.Fetched(metadata, place, length);
      }
      return new BlobOutcome.Failed(AzureFailures.unavailable("an answer that broke off"));
    } finally {
      if (!read) {
        abandon(answer);
      }
    }
  }

  /** Fills the lease's memory, or closes the lease and then answers false or throws. */
  private static boolean fill(Lease place, long length, Flux<ByteBuffer> pieces, Deadline deadline)
      throws ExecutionException, TimeoutException, InterruptedException {
    boolean filled = false;
    AtomicLong received = new AtomicLong();
    try (CallMemory memory = new CallMemory(place.segment().asSlice(0, length))) {
      Mono<Void> all =
          pieces
              .doOnNext(piece -> memory.write(received.getAndAdd(piece.remaining()), piece))
              .then();
      Await.result(all, deadline.leftMillis());
      filled = received.get() == length;
    } finally {
      if (!filled) {
        place.close();
      }
    }
    return filled;
  }

  private static void abandon(BlobDownloadAsyncResponse answer) {
    try {
      answer.close();
    } catch (IOException e) {
      LOG.debug("closing an answer", e);
    }
  }

  private static BlobFailure tooShort() {
    return AzureFailures.refused("the blob is shorter than the range");
  }

  @Override
  public BlobOutcome.Head head(BlobName blob, long timeoutMillis) {
    try {
      BlobProperties properties =
          Objects.requireNonNull(
              Await.result(
                  clients.of(blob.container()).getBlobAsyncClient(blob.path()).getProperties(),
                  timeoutMillis));
      return new BlobOutcome.Present(lowerCase(properties.getMetadata()), properties.getBlobSize());
    } catch (IOException | ExecutionException | TimeoutException | InterruptedException e) {
      Throwable failure = causeOf(e);
      return AzureFailures.status(failure) == NOT_FOUND
          ? new BlobOutcome.NotThere()
          : new BlobOutcome.Failed(failed(blob.container(), failure));
    }
  }

  @Override
  public BlobOutcome.Delete delete(BlobName blob, long timeoutMillis) {
    try {
      Await.result(
          clients.of(blob.container()).getBlobAsyncClient(blob.path()).delete(), timeoutMillis);
      return new BlobOutcome.Deleted();
    } catch (IOException | ExecutionException | TimeoutException | InterruptedException e) {
      Throwable failure = causeOf(e);
      return AzureFailures.status(failure) == NOT_FOUND
          ? new BlobOutcome.Deleted()
          : new BlobOutcome.Failed(failed(blob.container(), failure));
    }
  }

  @Override
  public boolean list(
      BlobContainer container, String prefix, Predicate<String> visitor, long timeoutMillis) {
    try {
      PagedFlux<BlobItem> listing =
          clients.of(container).listBlobs(new ListBlobsOptions().setPrefix(prefix));
      Flux<PagedResponse<BlobItem>> page = listing.byPage(LIST_PAGE);
      while (true) {
        PagedResponse<BlobItem> items =
            Objects.requireNonNull(Await.result(page.next(), timeoutMillis));
        for (BlobItem item : items.getValue()) {
          if (!visitor.test(item.getName())) {
            return true;
          }
        }
        String next = items.getContinuationToken();
        if (next == null || next.isEmpty()) {
          return true;
        }
        page = listing.byPage(next, LIST_PAGE);
      }
    } catch (IOException | ExecutionException | TimeoutException | InterruptedException e) {
      Throwable failure = causeOf(e);
      if (AzureFailures.is(BlobErrorCode.CONTAINER_NOT_FOUND, failure)) {
        return true;
      }
      LOG.warn("listing: {}", failed(container, failure).reason());
      return false;
    }
  }

  @Override
  public void close() {
    transports.close();
  }

  private BlobFailure failed(BlobContainer container, Throwable failure) {
    switch (AzureFailures.status(failure)) {
      case UNAUTHORISED, FORBIDDEN -> clients.forget(container);
      case RANGE_NOT_SATISFIABLE -> {
        return tooShort();
      }
      default -> {}
    }
    return AzureFailures.of(failure);
  }

  private static Throwable causeOf(Exception e) {
    if (e instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
    return e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
  }

  private static Map<String, String> lowerCase(Map<String, String> metadata) {
    Map<String, String> lower = HashMap.newHashMap(metadata.size());
    metadata.forEach((name, value) -> lower.put(name.toLowerCase(Locale.ROOT), value));
    return lower;
  }

  /** When a call of several requests has to be over. */
  private final class Deadline {
    private final long startNanos = clock.nanoTime();
    private final long timeoutMillis;

    Deadline(long timeoutMillis) {
      this.timeoutMillis = timeoutMillis;
    }

    long leftMillis() throws TimeoutException {
      long left = timeoutMillis - TimeUnit.NANOSECONDS.toMillis(clock.nanoTime() - startNanos);
      if (left <= 0) {
        throw new TimeoutException();
      }
      return left;
    }
  }
}
