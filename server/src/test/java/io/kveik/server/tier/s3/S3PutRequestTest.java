package io.kveik.server.tier.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.tier.object.BlobContainer;
import io.kveik.server.tier.object.BlobName;
import io.kveik.server.tier.object.BlobOutcome;
import io.kveik.server.tier.object.BlobStore;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a put looks like on the way to a store over plain HTTP, and what becomes of changes. */
class S3PutRequestTest {
  private static final int BYTES = 1_228_800;
  private static final long TIMEOUT_MILLIS = 20_000;

  @TempDir static Path directory;
  private static S3TestServer server;

  @BeforeAll
  static void start() throws IOException {
    server = S3TestServer.start(directory);
  }

  @AfterAll
  static void stop() throws IOException {
    server.close();
  }

  @Test
  void aLargeBodyIsSentUnaskedWithItsChunksSigned() throws IOException {
    try (TamperingProxy proxy = new TamperingProxy(server.endpoint(), TamperingProxy.NOTHING);
        BlobStore store = S3BlobStore.open(server.options(proxy.endpoint()))) {
      assertThat(put(store, newBlob())).isInstanceOf(BlobOutcome.Created.class);
      assertThat(proxy.heads())
          .singleElement()
          .asString()
          .contains("\r\nif-none-match: *\r\n")
          .contains("\r\nx-amz-content-sha256: streaming-aws4-hmac-sha256-payload\r\n")
          .contains("\r\nx-amz-decoded-content-length: " + BYTES + "\r\n")
          .doesNotContain("\r\nexpect:");
    }
  }

  /** In the first chunk, in one amidst and in the last, which is shorter. */
  @ParameterizedTest
  @ValueSource(ints = {1_000, BYTES / 2, BYTES - 1})
  void aBodyThatChangesOnTheWayIsNotStored(int flippedByte) throws IOException {
    BlobName blob = newBlob();
    try (TamperingProxy proxy = new TamperingProxy(server.endpoint(), flippedByte);
        BlobStore store = S3BlobStore.open(server.options(proxy.endpoint()))) {
      assertThat(put(store, blob)).isInstanceOf(BlobOutcome.Failed.class);
      assertThat(store.head(blob, TIMEOUT_MILLIS)).isInstanceOf(BlobOutcome.NotThere.class);
    }
  }

  private static BlobOutcome.Put put(BlobStore store, BlobName blob) {
    byte[] body = new byte[BYTES];
    new SplittableRandom(1).nextBytes(body);
    return store.put(blob, Map.of("m", "v"), MemorySegment.ofArray(body), TIMEOUT_MILLIS);
  }

  private static BlobName newBlob() {
    BlobContainer container = server.newContainer();
    return new BlobName(container, "b");
  }
}
