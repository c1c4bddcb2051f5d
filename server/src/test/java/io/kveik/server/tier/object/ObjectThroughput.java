package io.kveik.server.tier.object;

import com.azure.storage.blob.BlobContainerClientBuilder;
import com.azure.storage.blob.sas.BlobContainerSasPermission;
import com.azure.storage.blob.sas.BlobServiceSasSignatureValues;
import com.azure.storage.common.StorageSharedKeyCredential;
import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.ElementType;
import io.kveik.server.codec.CodecKind;
import io.kveik.server.codec.CodecOptions;
import io.kveik.server.memory.Crc32c;
import io.kveik.server.memory.Lease;
import io.kveik.server.memory.Slab;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Scheduler;
import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.PutOutcome;
import io.kveik.server.tier.StoredBlock;
import io.kveik.server.tier.TestBlocks;
import io.kveik.server.tier.azure.AzureBlobStore;
import io.kveik.server.tier.azure.AzureCredential;
import io.kveik.server.tier.azure.AzureOptions;
import io.kveik.server.tier.azure.Azurite;
import io.kveik.server.tier.object.resilient.ResilientBlobStore;
import io.kveik.server.tier.s3.S3BlobStore;
import io.kveik.server.tier.s3.S3TestServer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/**
 * Blocks of 1.2 MB put to and got from an object store through its tier, as it is wired, without a
 * codec and with one; and the same bytes by the JDK's HTTP client over URLs that were signed
 * before, which is the limit that the server sets. Each is measured in turn, {@value #ROUNDS}
 * times, and the median counts. Run {@code main} with {@code s3} (S3Proxy in this process) or
 * {@code azure} (Azurite). The tables in docs/benchmarks.md are its output.
 */
final class ObjectThroughput {
  private static final int BYTES = 1_228_800;
  private static final int BODIES = 16;
  private static final int ROUNDS = 3;

  /** Until the SDK's code is compiled: its puts go on getting faster for 500 and more. */
  private static final int WARM_UP_ROUNDS = 10;

  private static final int OPERATIONS = 48;
  private static final int[] THREADS = {1, 4, 16};
  private static final long MINUTE_MILLIS = 60_000;

  private ObjectThroughput() {}

  /** Something that stores blocks by their numbers. */
  private sealed interface Subject extends AutoCloseable permits Bare, OfTier {
    String name();

    void put(int number);

    void get(int number);

    @Override
    void close();
  }

  public static void main(String[] args) throws Exception {
    List<byte[]> bodies = bodies();
    switch (args.length == 1 ? args[0] : "") {
      case "s3" -> {
        Path directory = Files.createTempDirectory("kveik-throughput-");
        try (S3TestServer server = S3TestServer.start(directory);
            S3Presigner presigner = presigner(server, directory)) {
          BlobContainer container = server.newContainer();
          measure(
              () -> S3BlobStore.open(server.options()),
              container,
              bodies,
              (write, name) -> presigned(presigner, write, container.container() + "/" + name));
        } finally {
          Files.delete(S3TestServer.credentialsFile(directory));
          Files.delete(directory);
        }
      }
      case "azure" -> {
        try (Azurite server = Azurite.http()) {
          BlobContainer container = server.newContainer();
          String base = container.endpoint() + "/" + container.container();
          String signature = signature(container);
          measure(
              ObjectThroughput::azure,
              container,
              bodies,
              (_, name) -> URI.create(base + "/" + name + "?" + signature));
        }
      }
      default -> throw new IllegalArgumentException("one argument: s3 or azure");
    }
  }

  /** Names objects for whoever has no keys. */
  @FunctionalInterface
  private interface SignedUrls {
    URI of(boolean write, String name);
  }

  /** Makes a store that a tier takes over. */
  @FunctionalInterface
  private interface Stores {
    BlobStore open() throws IOException;
  }

  private static void measure(
      Stores stores, BlobContainer container, List<byte[]> bodies, SignedUrls urls)
      throws Exception {
    try (Slab buffers = Slab.anonymous(256L << 20);
        Scheduler scheduler = Scheduler.system("throughput-timer");
        Subject plain = tier(CodecKind.NONE, stores, container, scheduler, bodies, buffers);
        Subject zstd = tier(CodecKind.ZSTD, stores, container, scheduler, bodies, buffers)) {
      List<Subject> subjects =
          List.of(plain, zstd, new Bare(bodies, urls, HttpClient.newHttpClient()));
      int[] next = {0};
      for (int round = 0; round < WARM_UP_ROUNDS; round++) {
        for (Subject subject : subjects) {
          round(subject, 4, next);
        }
      }
      System.out.printf(
          "%-12s %7s %9s %6s %9s %6s%n", "", "threads", "put GB/s", "", "get GB/s", "");
      for (int threads : THREADS) {
        double[][][] rates = new double[subjects.size()][2][ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
          for (int i = 0; i < subjects.size(); i++) {
            double[] rate = round(subjects.get(i), threads, next);
            rates[i][0][round] = rate[0];
            rates[i][1][round] = rate[1];
          }
        }
        int limit = subjects.size() - 1;
        for (int i = 0; i < subjects.size(); i++) {
          double put = median(rates[i][0]);
          double get = median(rates[i][1]);
          System.out.printf(
              "%-12s %7d %9.3f %6.2f %9.3f %6.2f%n",
              subjects.get(i).name(),
              threads,
              put,
              put / median(rates[limit][0]),
              get,
              get / median(rates[limit][1]));
        }
      }
    }
  }

  /** GB of payload a second, of puts and of gets. */
  private static double[] round(Subject subject, int threads, int[] next) throws Exception {
    int first = next[0];
    next[0] += OPERATIONS;
    double put = inParallel(threads, i -> subject.put(first + i));
    double get = inParallel(threads, i -> subject.get(first + i));
    return new double[] {
      OPERATIONS * (double) BYTES / put / 1e9, OPERATIONS * (double) BYTES / get / 1e9
    };
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static double inParallel(int width, IntConsumer task) throws Exception {
    long start = System.nanoTime();
    try (ExecutorService threads = Executors.newFixedThreadPool(width)) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < OPERATIONS; i++) {
        int number = i;
        all.add(threads.submit(() -> task.accept(number)));
      }
      for (Future<?> one : all) {
        one.get();
      }
    }
    return (System.nanoTime() - start) / 1e9;
  }

  /** bf16 of normal numbers: exponents alike, fractions noise, as in KV. */
  private static List<byte[]> bodies() {
    SplittableRandom random = new SplittableRandom(1);
    List<byte[]> bodies = new ArrayList<>();
    for (int i = 0; i < BODIES; i++) {
      ByteBuffer body = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
      while (body.hasRemaining()) {
        int bits = Float.floatToRawIntBits((float) random.nextGaussian());
        body.putShort((short) (bits >>> Short.SIZE));
      }
      bodies.add(body.array());
    }
    return bodies;
  }

  /** Reads and writes whole objects over signed URLs, and checks nothing but the status. */
  private record Bare(List<byte[]> bodies, SignedUrls urls, HttpClient client) implements Subject {
    @Override
    public String name() {
      return "bare HTTP";
    }

    @Override
    public void put(int number) {
      HttpRequest.Builder request = HttpRequest.newBuilder(urls.of(true, "bare/" + number));
      byte[] body = bodies.get(number % BODIES);
      send(
          request
              .header("x-ms-blob-type", "BlockBlob")
              .PUT(BodyPublishers.ofByteArray(body))
              .build(),
          0);
    }

    @Override
    public void get(int number) {
      send(HttpRequest.newBuilder(urls.of(false, "bare/" + number)).GET().build(), BYTES);
    }

    private void send(HttpRequest request, int expectedBytes) {
      try {
        HttpResponse<byte[]> answer = client.send(request, BodyHandlers.ofByteArray());
        if (answer.statusCode() / 100 != 2 || answer.body().length != expectedBytes) {
          throw new AssertionError(
              answer + ": " + new String(answer.body(), StandardCharsets.UTF_8));
        }
      } catch (IOException | InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public void close() {
      client.close();
    }
  }

  private static final class OfTier implements Subject {
    private final String name;
    private final ObjectTier tier;
    private final List<byte[]> bodies;
    private final List<Integer> crcs;
    private final Slab buffers;

    OfTier(String name, ObjectTier tier, List<byte[]> bodies, Slab buffers) {
      this.name = name;
      this.tier = tier;
      this.bodies = bodies;
      this.crcs = bodies.stream().map(body -> Crc32c.of(MemorySegment.ofArray(body))).toList();
      this.buffers = buffers;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public void put(int number) {
      Lease lease = Objects.requireNonNull(buffers.allocate(BYTES), "buffers full");
      lease
          .segment()
          .asSlice(0, BYTES)
          .copyFrom(MemorySegment.ofArray(bodies.get(number % BODIES)));
      BlockHeader header =
          new BlockHeader(
              ref(number).key(),
              ref(number).namespace(),
              1,
              0,
              0,
              128,
              0,
              BYTES,
              0,
              crcs.get(number % BODIES),
              1,
              0,
              0,
              ElementType.BF16);
      try (StoredBlock block = StoredBlock.transfer(header, lease)) {
        PutOutcome outcome = tier.put(block);
        if (!outcome.equals(new PutOutcome.Stored())) {
          throw new AssertionError(outcome);
        }
      }
    }

    @Override
    public void get(int number) {
      switch (tier.get(ref(number), buffers::allocate)) {
        case GetOutcome.Hit(StoredBlock block) -> block.close();
        case GetOutcome other -> throw new AssertionError(number + ": " + other);
      }
    }

    private static BlockRef ref(int number) {
      return new BlockRef(TestBlocks.ref(1).namespace(), TestBlocks.key(number));
    }

    @Override
    public void close() {
      tier.close();
    }
  }

  private static Subject tier(
      CodecKind codec,
      Stores stores,
      BlobContainer container,
      Scheduler scheduler,
      List<byte[]> bodies,
      Slab buffers)
      throws IOException {
    ResilientBlobStore store = MeasuredStore.behindRetries(stores.open(), scheduler);
    ObjectTier tier =
        new ObjectTier(
            store,
            new TestContainers(container),
            new ObjectTierOptions(
                MINUTE_MILLIS, MINUTE_MILLIS, MINUTE_MILLIS, 10, 100_000, CodecOptions.of(codec)),
            store::reachable);
    return new OfTier("tier, " + codec.key(), tier, bodies, buffers);
  }

  private static BlobStore azure() throws IOException {
    AzureOptions options =
        AzureOptions.of(
            new AzureOptions.Limits(8, 100, 4096, 2, 2_000, 60_000, 30_000, 300_000, 10_000));
    AzureCredential key = new AzureCredential.SharedKey(Azurite.ACCOUNT, () -> Azurite.KEY);
    return AzureBlobStore.open(options, _ -> Optional.of(key), Clock.system());
  }

  /** Lets its bearer read and write the container's blobs. */
  private static String signature(BlobContainer container) {
    BlobContainerSasPermission permission =
        new BlobContainerSasPermission()
            .setReadPermission(true)
            .setCreatePermission(true)
            .setWritePermission(true);
    return new BlobContainerClientBuilder()
        .endpoint(container.endpoint().toString())
        .containerName(container.container())
        .credential(new StorageSharedKeyCredential(Azurite.ACCOUNT, Azurite.KEY))
        .buildClient()
        .generateSas(
            new BlobServiceSasSignatureValues(
                OffsetDateTime.now(ZoneOffset.UTC).plusHours(1), permission));
  }

  private static S3Presigner presigner(S3TestServer server, Path directory) {
    return S3Presigner.builder()
        .region(Region.US_EAST_1)
        .endpointOverride(server.endpoint())
        .serviceConfiguration(S3Configuration.builder().pathStyleAccessEnabled(true).build())
        .credentialsProvider(
            ProfileCredentialsProvider.builder()
                .profileFile(
                    ProfileFile.builder()
                        .content(S3TestServer.credentialsFile(directory))
                        .type(ProfileFile.Type.CREDENTIALS)
                        .build())
                .profileName(S3TestServer.PROFILE)
                .build())
        .build();
  }

  private static URI presigned(S3Presigner presigner, boolean write, String key) {
    Duration hour = Duration.ofHours(1);
    String url =
        (write
                ? presigner.presignPutObject(request ->
                    request
                        .signatureDuration(hour)
                        .putObjectRequest(put -> put.bucket(S3TestServer.BUCKET).key(key)))
                : presigner.presignGetObject(request ->
                    request
                        .signatureDuration(hour)
                        .getObjectRequest(get -> get.bucket(S3TestServer.BUCKET).key(key))))
            .url()
            .toString();
    return URI.create(url);
  }
}
