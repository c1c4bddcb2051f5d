package io.kveik.server.tier.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.tier.object.BlobContainer;
import io.kveik.server.tier.object.BlobFailure;
import io.kveik.server.tier.object.BlobName;
import io.kveik.server.tier.object.BlobOutcome;
import io.kveik.server.tier.object.BlobStore;
import io.kveik.server.tier.object.BlobStoreContract;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class S3BlobStoreTest extends BlobStoreContract {
  @RegisterExtension static final SharedS3Server SERVER = new SharedS3Server();
  @TempDir private Path directory;

  @Override
  protected BlobStore openStore() {
    return S3BlobStore.open(SERVER.get().options());
  }

  @Override
  protected BlobContainer newContainer() {
    return SERVER.get().newContainer();
  }

  @Override
  protected BlobStore openUnreachable() throws IOException {
    return S3BlobStore.open(SERVER.get().options(nobody()));
  }

  @Test
  void aMissingBucketIsRefused() {
    S3Options good = SERVER.get().options();
    S3Options other =
        new S3Options(
            good.endpoint(), good.region(), "missing", true, good.credentials(), 4, 2_000);
    try (BlobStore store = S3BlobStore.open(other)) {
      BlobName blob = blob("b");
      assertThat(store.get(blob, (metadata, length) -> null, TIMEOUT_MILLIS))
          .isInstanceOfSatisfying(
              BlobOutcome.Failed.class,
              failed ->
                  assertThat(failed.failure())
                      .isEqualTo(
                          new BlobFailure(BlobFailure.Kind.REFUSED, 0, "s3: 404 NoSuchBucket")));
    }
  }

  @Test
  void wrongKeysAreRefusedAndNoReasonTellsSecrets() throws IOException {
    Path wrong = directory.resolve("wrong");
    Files.writeString(
        wrong, "[p]\naws_access_key_id=test-access-key\naws_secret_access_key=wrong-SECRET\n");
    for (Path file : new Path[] {wrong, directory.resolve("no-such-file")}) {
      S3Options options =
          new S3Options(
              Optional.of(SERVER.get().endpoint()),
              "us-east-1",
              "kveik-test",
              true,
              new S3Options.Credentials.ProfileFile(file, "p"),
              4,
              2_000);
      try (BlobStore store = S3BlobStore.open(options)) {
        BlobOutcome outcome = store.get(blob("b"), (metadata, length) -> null, TIMEOUT_MILLIS);
        assertThat(outcome).isInstanceOf(BlobOutcome.Failed.class);
        assertThat(outcome.toString()).doesNotContain("SECRET").doesNotContain("test-access-key");
        if (file.equals(wrong)) {
          assertThat(((BlobOutcome.Failed) outcome).failure().kind())
              .isEqualTo(BlobFailure.Kind.REFUSED);
        }
      }
      assertThat(options.toString()).doesNotContain("SECRET");
    }
  }

  @Test
  void aCallEndsWithItsTime() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        BlobStore store =
            S3BlobStore.open(
                SERVER.get().options(URI.create("http://127.0.0.1:" + silent.getLocalPort())))) {
      BlobOutcome outcome = store.head(blob("b"), 200);
      assertThat(outcome)
          .isInstanceOfSatisfying(
              BlobOutcome.Failed.class,
              failed ->
                  assertThat(failed.failure().kind()).isEqualTo(BlobFailure.Kind.UNAVAILABLE));
    }
  }

  /** Apache's client takes an answer that ends within its head for a whole one. */
  @Test
  void anAnswerCutWithinItsHeadIsNone() throws Exception {
    String head =
        "HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: 100\r\nx-amz-meta-kveik1: abc\r\n";
    for (int cut : new int[] {head.length(), head.indexOf("x-amz"), head.indexOf("Content")}) {
      try (CuttingServer cutting = new CuttingServer(head.substring(0, cut));
          BlobStore store = S3BlobStore.open(SERVER.get().options(cutting.endpoint()))) {
        assertThat(store.get(blob("b"), (metadata, length) -> null, TIMEOUT_MILLIS))
            .isInstanceOfSatisfying(
                BlobOutcome.Failed.class,
                failed ->
                    assertThat(failed.failure().kind()).isEqualTo(BlobFailure.Kind.UNAVAILABLE));
        assertThat(store.list(newContainer(), "", path -> true, TIMEOUT_MILLIS)).isFalse();
      }
    }
  }

  /** Answers each request with the same bytes and ends the connection. */
  private static final class CuttingServer implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());

    CuttingServer(String answer) throws IOException {
      Thread.ofVirtual()
          .start(() -> {
            while (!listener.isClosed()) {
              try (Socket client = listener.accept()) {
                int seen = client.getInputStream().read(new byte[16 * 1024]);
                if (seen > 0) {
                  client.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
                }
              } catch (IOException e) {
                // Closed, or a client that did not wait for the end.
              }
            }
          });
    }

    URI endpoint() {
      return URI.create("http://127.0.0.1:" + listener.getLocalPort());
    }

    @Override
    public void close() throws IOException {
      listener.close();
    }
  }

  /** An address where nobody listens any more. */
  private static URI nobody() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return URI.create("http://127.0.0.1:" + socket.getLocalPort());
    }
  }
}
