package io.kveik.server.tier.s3;

import io.kveik.server.memory.Lease;
import io.kveik.server.tier.object.BlobContainer;
import io.kveik.server.tier.object.BlobFailure;
import io.kveik.server.tier.object.BlobName;
import io.kveik.server.tier.object.BlobOutcome;
import io.kveik.server.tier.object.BlobSink;
import io.kveik.server.tier.object.BlobStore;
import java.io.IOException;
import java.io.PushbackInputStream;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Blobs as objects of one bucket, keyed {@code account/container/path}. The endpoint is the
 * configured one: what a container says of its own is for stores that have accounts.
 *
 * <p>Any thread; blocks on the network. Each call is one request of the SDK, whose own retries are
 * off. Payloads pass between the off-heap segment and the socket through a buffer of {@value
 * SegmentStreams#BUFFER_BYTES} bytes.
 *
 * <p>S3 answers 409 to a conditional put that met another write or delete of the same key in
 * progress. Who won is then asked for by a second request, since a blob that is not there must not
 * be acknowledged as if it were.
 */
public final class S3BlobStore implements BlobStore {
  private static final Logger LOG = LoggerFactory.getLogger(S3BlobStore.class);
  private static final String ANY_ETAG = "*";
  private static final int PAGE_KEYS = 1_000;

  private final S3Client client;
  private final String bucket;

  private S3BlobStore(S3Client client, String bucket) {
    this.client = client;
    this.bucket = bucket;
  }

  /** Opens the client; nothing is asked of the store yet, so that it may be down. */
  public static S3BlobStore open(S3Options options) {
    return new S3BlobStore(S3Clients.create(options), options.bucket());
  }

  @Override
  public String name() {
    return "s3";
  }

  @Override
  public BlobOutcome.Put put(
      BlobName blob, Map<String, String> metadata, MemorySegment body, long timeoutMillis) {
    return write(blob, metadata, body, timeoutMillis, request -> request.ifNoneMatch(ANY_ETAG));
  }

  @Override
  public BlobOutcome.Put replace(
      BlobName blob, Map<String, String> metadata, MemorySegment body, long timeoutMillis) {
    return write(blob, metadata, body, timeoutMillis, _ -> {});
  }

  private BlobOutcome.Put write(
      BlobName blob,
      Map<String, String> metadata,
      MemorySegment body,
      long timeoutMillis,
      Consumer<PutObjectRequest.Builder> condition) {
    PutObjectRequest.Builder request =
        PutObjectRequest.builder()
            .bucket(bucket)
            .key(key(blob))
            .metadata(metadata)
            .contentLength(body.byteSize())
            .overrideConfiguration(within(timeoutMillis));
    condition.accept(request);
    try {
      client.putObject(
          request.build(),
          RequestBody.fromContentProvider(
              () -> SegmentStreams.reading(body), body.byteSize(), "application/octet-stream"));
      return new BlobOutcome.Created();
    } catch (RuntimeException e) {
      return switch (S3Failures.statusOf(e)) {
        case S3Failures.PRECONDITION_FAILED -> new BlobOutcome.Exists();
        case S3Failures.CONFLICT ->
            head(blob, timeoutMillis) instanceof BlobOutcome.Present
                ? new BlobOutcome.Exists()
                : failed(e);
        default -> failed(e);
      };
    }
  }

  @Override
  public BlobOutcome.Get get(BlobName blob, BlobSink sink, long timeoutMillis) {
    return fetch(blob, sink, timeoutMillis, null);
  }

  @Override
  public BlobOutcome.Get getRange(
      BlobName blob, long offset, long length, BlobSink sink, long timeoutMillis) {
    return fetch(blob, sink, timeoutMillis, new Range(offset, length));
  }

  private record Range(long offset, long length) {
    String header() {
      return "bytes=" + offset + "-" + (offset + length - 1);
    }
  }

  private BlobOutcome.Get fetch(
      BlobName blob, BlobSink sink, long timeoutMillis, @Nullable Range range) {
    GetObjectRequest.Builder request =
        GetObjectRequest.builder()
            .bucket(bucket)
            .key(key(blob))
            .overrideConfiguration(within(timeoutMillis));
    if (range != null) {
      request.range(range.header());
    }
    try {
      // A transformer runs inside the SDK's time limit, which a stream handed out would not.
      return client.<BlobOutcome.Get>getObject(
          request.build(), (response, body) -> receive(response, body, sink, range));
    } catch (RuntimeException e) {
      return S3Failures.isNotThere(e) ? new BlobOutcome.NotThere() : failed(e);
    }
  }

  private static BlobOutcome.Get receive(
      GetObjectResponse response, AbortableInputStream body, BlobSink sink, @Nullable Range range)
      throws IOException {
    if (response.contentLength() == null) {
      return cutShort();
    }
    long length = response.contentLength();
    PushbackInputStream bytes = new PushbackInputStream(body);
    if (length > 0) {
      // Apache's client takes an answer that ends within its head for one with fewer headers. Where
      // a byte of the body has come, the head was whole, and what it says is the store's word.
      int first = bytes.read();
      if (first < 0) {
        return cutShort();
      }
      bytes.unread(first);
    }
    if (range != null && length != range.length()) {
      body.abort();
      return refused("the blob is shorter than the range asked for");
    }
    Lease lease = sink.place(response.metadata(), length);
    if (lease == null) {
      body.abort();
      return new BlobOutcome.Declined(response.metadata(), length);
    }
    boolean filled = false;
    try {
      SegmentStreams.fill(lease.segment().asSlice(0, length), bytes);
      filled = true;
      return new BlobOutcome.Fetched(response.metadata(), lease, length);
    } finally {
      if (!filled) {
        body.abort();
        lease.close();
      }
    }
  }

  @Override
  public BlobOutcome.Head head(BlobName blob, long timeoutMillis) {
    try {
      HeadObjectResponse response =
          client.headObject(request ->
              request.bucket(bucket).key(key(blob)).overrideConfiguration(within(timeoutMillis)));
      return response.contentLength() == null
          ? cutShort()
          : new BlobOutcome.Present(response.metadata(), response.contentLength());
    } catch (RuntimeException e) {
      // The answer to a HEAD has no body, so a bucket that is missing looks the same.
      return S3Failures.statusOf(e) == S3Failures.NOT_FOUND
          ? new BlobOutcome.NotThere()
          : failed(e);
    }
  }

  @Override
  public BlobOutcome.Delete delete(BlobName blob, long timeoutMillis) {
    try {
      client.deleteObject(request ->
          request.bucket(bucket).key(key(blob)).overrideConfiguration(within(timeoutMillis)));
      return new BlobOutcome.Deleted();
    } catch (RuntimeException e) {
      return S3Failures.isNotThere(e) ? new BlobOutcome.Deleted() : failed(e);
    }
  }

  @Override
  public boolean list(
      BlobContainer container, String prefix, Predicate<String> visitor, long timeoutMillis) {
    String root = root(container);
    String token = null;
    while (true) {
      Optional<ListObjectsV2Response> page = page(root + prefix, token, timeoutMillis);
      if (page.isEmpty()) {
        return false;
      }
      for (S3Object object : page.get().contents()) {
        if (!visitor.test(object.key().substring(root.length()))) {
          return true;
        }
      }
      if (!page.get().isTruncated()) {
        return true;
      }
      token = page.get().nextContinuationToken();
    }
  }

  private Optional<ListObjectsV2Response> page(
      String prefix, @Nullable String token, long timeoutMillis) {
    ListObjectsV2Request.Builder request =
        ListObjectsV2Request.builder()
            .bucket(bucket)
            .prefix(prefix)
            .maxKeys(PAGE_KEYS)
            .overrideConfiguration(within(timeoutMillis));
    if (token != null) {
      request.continuationToken(token);
    }
    try {
      ListObjectsV2Response page = client.listObjectsV2(request.build());
      // Always said by a whole answer; one without a body would pass for an empty page.
      return page.isTruncated() == null ? Optional.empty() : Optional.of(page);
    } catch (RuntimeException e) {
      LOG.debug("a listing breaks off: {}", S3Failures.of(e).reason());
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    client.close();
  }

  private static AwsRequestOverrideConfiguration within(long timeoutMillis) {
    return AwsRequestOverrideConfiguration.builder()
        .apiCallTimeout(Duration.ofMillis(Math.max(1, timeoutMillis)))
        .build();
  }

  private static String key(BlobName blob) {
    return root(blob.container()) + blob.path();
  }

  private static String root(BlobContainer container) {
    return container.account() + "/" + container.container() + "/";
  }

  private static BlobOutcome.Failed failed(RuntimeException e) {
    return new BlobOutcome.Failed(S3Failures.of(e));
  }

  private static BlobOutcome.Failed cutShort() {
    return new BlobOutcome.Failed(
        new BlobFailure(BlobFailure.Kind.UNAVAILABLE, 0, "s3: the answer was cut short"));
  }

  private static BlobOutcome.Failed refused(String reason) {
    return new BlobOutcome.Failed(new BlobFailure(BlobFailure.Kind.REFUSED, 0, reason));
  }
}
