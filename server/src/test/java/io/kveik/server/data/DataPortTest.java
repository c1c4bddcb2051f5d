package io.kveik.server.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.kveik.client.AckLevel;
import io.kveik.client.data.BlockTransport;
import io.kveik.client.data.LoadItem;
import io.kveik.client.data.LoadResult;
import io.kveik.client.data.SocketTransport;
import io.kveik.client.data.SocketTransportOptions;
import io.kveik.client.data.StoreItem;
import io.kveik.client.data.StoreResult;
import io.kveik.client.data.TransportException;
import io.kveik.server.session.Endpoint;
import io.kveik.server.tier.TestBlocks;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the data port does for clients that keep to its rules, over each kind of socket. */
@Timeout(60)
final class DataPortTest {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final byte[] NO_PARENT = {};

  @TempDir Path directory;

  enum Kind {
    TCP,
    UNIX
  }

  private static BlockTransport connect(DataFixture fixture, Kind kind) {
    return kind == Kind.TCP ? fixture.tcp() : fixture.unix();
  }

  static byte[] id(long number) {
    return ByteBuffer.allocate(32).putLong(number).putLong(~number).array();
  }

  static MemorySegment payload(long number, int bytes) {
    return Arena.ofAuto().allocateFrom(ValueLayout.JAVA_BYTE, TestBlocks.body(number, 0, bytes));
  }

  private static MemorySegment room(int bytes) {
    return Arena.ofAuto().allocate(bytes);
  }

  private static StoreItem store(long number, int bytes) {
    return StoreItem.of(
        id(number), number == 0 ? NO_PARENT : id(number - 1), 128, payload(number, bytes));
  }

  private static byte[] bytes(MemorySegment segment, int length) {
    return segment.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void whatIsStoredIsLoaded(Kind kind) throws Exception {
    try (DataFixture fixture = DataFixture.start(directory);
        BlockTransport transport = connect(fixture, kind)) {
      StoreItem item =
          new StoreItem(
              id(1),
              NO_PARENT,
              77,
              new byte[] {1, 2, 3},
              0,
              3,
              AckLevel.MEMORY,
              payload(1, 1_228_800),
              OptionalInt.empty());
      assertThat(transport.store(List.of(item), LIMIT))
          .containsExactly(new StoreResult(StoreResult.Status.STORED, AckLevel.MEMORY, ""));
      MemorySegment target = room(2_000_000);
      LoadResult loaded = transport.load(List.of(LoadItem.whole(id(1), target)), LIMIT).getFirst();
      assertThat(loaded.status()).isEqualTo(LoadResult.Status.FOUND);
      assertThat(loaded.bytes()).isEqualTo(1_228_800);
      assertThat(loaded.blockBytes()).isEqualTo(1_228_800);
      assertThat(loaded.tokenCount()).isEqualTo(77);
      assertThat(loaded.metadata()).containsExactly(1, 2, 3);
      assertThat(bytes(target, loaded.bytes())).isEqualTo(TestBlocks.body(1, 0, 1_228_800));
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void manyBlocksStripedAndPipelined(Kind kind) throws Exception {
    int count = 3 * DataFixture.MAX_BLOCKS;
    try (DataFixture fixture = DataFixture.start(directory);
        BlockTransport transport = connect(fixture, kind)) {
      List<StoreItem> stores = new ArrayList<>();
      List<LoadItem> loads = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        stores.add(store(i, 30_000 + i));
        loads.add(LoadItem.whole(id(i % 7 == 3 ? i + 1_000_000 : i), room(100_000)));
      }
      assertThat(transport.store(stores, LIMIT))
          .hasSize(count)
          .allMatch(result -> result.status() == StoreResult.Status.STORED);
      List<LoadResult> results = transport.load(loads, LIMIT);
      for (int i = 0; i < count; i++) {
        if (i % 7 == 3) {
          assertThat(results.get(i).status()).isEqualTo(LoadResult.Status.ABSENT);
        } else {
          assertThat(results.get(i).found()).isTrue();
          assertThat(bytes(loads.get(i).target(), results.get(i).bytes()))
              .isEqualTo(TestBlocks.body(i, 0, 30_000 + i));
        }
      }
      // The second may still be on its way when one link was fast enough for all.
      await().untilAsserted(() -> assertThat(fixture.server().status().connections()).isEqualTo(2));
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void partsOfBlocks(Kind kind) throws Exception {
    try (DataFixture fixture = DataFixture.start(directory);
        BlockTransport transport = connect(fixture, kind)) {
      transport.store(List.of(store(1, 10_000)), LIMIT);
      byte[] whole = TestBlocks.body(1, 0, 10_000);
      MemorySegment middle = room(100);
      MemorySegment tail = room(5_000);
      List<LoadResult> results =
          transport.load(
              List.of(
                  new LoadItem(id(1), 500, 100, middle),
                  new LoadItem(id(1), 9_000, 0, tail),
                  new LoadItem(id(1), 10_000, 0, room(10)),
                  new LoadItem(id(1), 9_999, 2, room(10)),
                  new LoadItem(id(1), 0, 0, room(9_999))),
              LIMIT);
      assertThat(results.stream().map(LoadResult::status))
          .containsExactly(
              LoadResult.Status.FOUND,
              LoadResult.Status.FOUND,
              LoadResult.Status.OUT_OF_RANGE,
              LoadResult.Status.OUT_OF_RANGE,
              LoadResult.Status.TARGET_TOO_SMALL);
      assertThat(bytes(middle, 100)).isEqualTo(Arrays.copyOfRange(whole, 500, 600));
      assertThat(results.get(1).bytes()).isEqualTo(1_000);
      assertThat(bytes(tail, 1_000)).isEqualTo(Arrays.copyOfRange(whole, 9_000, 10_000));
      assertThat(results.get(4).blockBytes()).isEqualTo(10_000);
    }
  }

  @Test
  void theFirstWriterWins() throws Exception {
    try (DataFixture fixture = DataFixture.start(directory);
        BlockTransport transport = fixture.tcp()) {
      StoreItem second = StoreItem.of(id(1), NO_PARENT, 128, payload(2, 20_000));
      List<StoreResult> results =
          transport.store(List.of(store(1, 10_000), second, store(3, 100)), LIMIT);
      assertThat(results.stream().map(StoreResult::status))
          .containsExactly(
              StoreResult.Status.STORED,
              StoreResult.Status.ALREADY_PRESENT,
              StoreResult.Status.STORED);
      MemorySegment target = room(20_000);
      assertThat(transport.load(List.of(LoadItem.whole(id(1), target)), LIMIT).getFirst().bytes())
          .isEqualTo(10_000);
      assertThat(bytes(target, 10_000)).isEqualTo(TestBlocks.body(1, 0, 10_000));
    }
  }

  @Test
  void whatCannotBeStoredIsSaidAndTheRestGoesOn() throws Exception {
    try (DataFixture fixture = DataFixture.start(directory);
        BlockTransport transport = fixture.tcp()) {
      List<StoreResult> results =
          transport.store(
              List.of(
                  with(1, OptionalInt.of(12345), 0, 0),
                  with(2, OptionalInt.empty(), -1, 0),
                  with(3, OptionalInt.empty(), 0, 4),
                  StoreItem.of(id(4), NO_PARENT, 70_000, payload(4, 10)),
                  StoreItem.of(id(5), NO_PARENT, 1, room(DataFixture.MAX_BLOCK_BYTES + 1)),
                  StoreItem.of(id(6), NO_PARENT, 1, payload(6, 10))),
              LIMIT);
      assertThat(results.stream().map(StoreResult::status))
          .containsExactly(
              StoreResult.Status.CHECKSUM_MISMATCH,
              StoreResult.Status.INVALID,
              StoreResult.Status.INVALID,
              StoreResult.Status.INVALID,
              StoreResult.Status.INVALID,
              StoreResult.Status.STORED);
      assertThat(results.get(0).detail()).contains("00003039");
      assertThat(results.get(1).detail()).startsWith("ttl_ms: 18446744073709551615, must be 0 to");
      assertThat(results.get(2).detail()).isEqualTo("priority: 4, must be 0 to 3");
      assertThat(results.get(3).detail()).isEqualTo("token_count: 70000, must be 0 to 65536");
      assertThat(results.get(4).detail()).startsWith("payload: 4194305 bytes");
      assertThat(transport.load(List.of(LoadItem.whole(id(1), room(100))), LIMIT).getFirst())
          .matches(result -> result.status() == LoadResult.Status.ABSENT);
    }
  }

  private static StoreItem with(long number, OptionalInt crc, long ttlMillis, int priority) {
    return new StoreItem(
        id(number),
        NO_PARENT,
        1,
        new byte[0],
        ttlMillis,
        priority,
        AckLevel.UNSPECIFIED,
        payload(number, 1_000),
        crc);
  }

  @Test
  void blocksBelowDramAreFetched() throws Exception {
    int count = 60;
    int bytes = 200_000;
    try (DataFixture fixture = DataFixture.withFsTier(directory, 4 << 20);
        BlockTransport transport = fixture.tcp()) {
      for (int i = 0; i < count; i++) {
        StoreItem item =
            new StoreItem(
                id(i),
                i == 0 ? NO_PARENT : id(i - 1),
                1,
                new byte[0],
                0,
                0,
                AckLevel.SHARED,
                payload(i, bytes),
                OptionalInt.empty());
        assertThat(transport.store(List.of(item), LIMIT))
            .containsExactly(new StoreResult(StoreResult.Status.STORED, AckLevel.SHARED, ""));
      }
      List<LoadItem> loads = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        loads.add(LoadItem.whole(id(i), room(bytes)));
      }
      List<LoadResult> results = transport.load(loads, LIMIT);
      for (int i = 0; i < count; i++) {
        assertThat(results.get(i).status()).as("block " + i).isEqualTo(LoadResult.Status.FOUND);
        assertThat(bytes(loads.get(i).target(), bytes)).isEqualTo(TestBlocks.body(i, 0, bytes));
      }
      fixture.awaitQuiet();
    }
  }

  @Test
  void overTls() throws Exception {
    Pem pem = Pem.make(directory);
    try (DataFixture fixture =
        DataFixture.withTls(directory, PemIdentity.serverContext(pem.certificate(), pem.key()))) {
      assertThat(fixture.server().endpoints())
          .anyMatch(one -> one.kind() == Endpoint.Kind.TCP && one.tls());
      try (BlockTransport transport =
          fixture.tcp(SocketTransportOptions.defaults().withTls(pem.trusting()))) {
        transport.store(List.of(store(1, 3_000_000)), LIMIT);
        MemorySegment target = room(3_000_000);
        assertThat(transport.load(List.of(LoadItem.whole(id(1), target)), LIMIT).getFirst().found())
            .isTrue();
        assertThat(bytes(target, 3_000_000)).isEqualTo(TestBlocks.body(1, 0, 3_000_000));
      }
      try (BlockTransport stranger =
          fixture.tcp(SocketTransportOptions.defaults().withTls(SSLContext.getDefault()))) {
        assertThatThrownBy(() -> stranger.load(List.of(LoadItem.whole(id(1), room(10))), LIMIT))
            .isInstanceOf(TransportException.class)
            .hasMessageContaining("certif");
      }
    }
  }

  /** A self-signed certificate for localhost, as PEM files. */
  private record Pem(Path certificate, Path key, SSLContext trusting) {
    static Pem make(Path directory) throws Exception {
      Path store = directory.resolve("store.p12");
      Process keytool =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                  "-genkeypair",
                  "-alias",
                  "data",
                  "-keyalg",
                  "EC",
                  "-groupname",
                  "secp256r1",
                  "-dname",
                  "CN=localhost",
                  "-ext",
                  "san=dns:localhost",
                  "-validity",
                  "2",
                  "-storetype",
                  "PKCS12",
                  "-keystore",
                  store.toString(),
                  "-storepass",
                  "secret")
              .inheritIO()
              .start();
      assertThat(keytool.waitFor()).isZero();
      KeyStore keys = KeyStore.getInstance(store.toFile(), "secret".toCharArray());
      Path certificate = directory.resolve("cert.pem");
      Path key = directory.resolve("key.pem");
      write(certificate, "CERTIFICATE", keys.getCertificate("data").getEncoded());
      write(key, "PRIVATE KEY", keys.getKey("data", "secret".toCharArray()).getEncoded());
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
      trusted.load(null, null);
      trusted.setCertificateEntry("data", keys.getCertificate("data"));
      trust.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return new Pem(certificate, key, context);
    }

    private static void write(Path file, String what, byte[] encoded) throws IOException {
      String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded);
      Files.writeString(
          file, "-----BEGIN " + what + "-----\n" + base64 + "\n-----END " + what + "-----\n");
    }
  }

  @Test
  void aTicketThatHasExpiredIsRenewedOnce() throws Exception {
    try (DataFixture fixture = DataFixture.start(directory)) {
      byte[] wrong = new byte[32];
      try (SocketTransport transport =
              SocketTransport.unix(
                  fixture.socket(),
                  SocketTransportOptions.defaults(),
                  (refused, _) -> refused ? fixture.ticket() : wrong);
          SocketTransport hopeless =
              SocketTransport.unix(
                  fixture.socket(), SocketTransportOptions.defaults(), (_, _) -> wrong)) {
        assertThat(transport.store(List.of(store(1, 100)), LIMIT).getFirst().inStore()).isTrue();
        assertThatThrownBy(() -> hopeless.store(List.of(store(1, 100)), LIMIT))
            .isInstanceOfSatisfying(
                TransportException.class,
                e -> assertThat(e.code()).isEqualTo(TransportException.Code.DENIED));
      }
      assertThat(fixture.server().status().ticketsRefused()).isEqualTo(3);
    }
  }

  @Test
  void connectionsAreSharedByMoreThreadsThanThereAre() throws Exception {
    try (DataFixture fixture = DataFixture.start(directory);
        BlockTransport transport =
            fixture.tcp(SocketTransportOptions.defaults().withConnections(3));
        ExecutorService threads = Executors.newFixedThreadPool(12)) {
      transport.store(List.of(store(1, 50_000), store(2, 60_000)), LIMIT);
      List<CompletableFuture<Void>> all = new ArrayList<>();
      for (int t = 0; t < 12; t++) {
        int number = 1 + t % 2;
        all.add(
            CompletableFuture.runAsync(
                () -> {
                  for (int i = 0; i < 100; i++) {
                    MemorySegment target = room(60_000);
                    try {
                      LoadResult result =
                          transport
                              .load(List.of(LoadItem.whole(id(number), target)), LIMIT)
                              .getFirst();
                      assertThat(bytes(target, result.bytes()))
                          .isEqualTo(TestBlocks.body(number, 0, 40_000 + 10_000 * number));
                    } catch (TransportException e) {
                      throw new AssertionError(e);
                    }
                  }
                },
                threads));
      }
      CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get(30, TimeUnit.SECONDS);
      assertThat(fixture.server().status().connections()).isLessThanOrEqualTo(3);
    }
  }

  @Test
  void aServerThatHasBeenRestartedIsReachedAgain() throws Exception {
    try (DataFixture first = DataFixture.start(directory)) {
      Path socket = first.socket();
      AtomicReference<DataFixture> now = new AtomicReference<>(first);
      try (SocketTransport transport =
          SocketTransport.unix(
              socket, SocketTransportOptions.defaults(), (_, _) -> now.get().ticket())) {
        transport.store(List.of(store(1, 100)), LIMIT);
        first.server().close();
        assertThatThrownBy(() -> transport.store(List.of(store(1, 100)), LIMIT))
            .isInstanceOfSatisfying(
                TransportException.class,
                e -> assertThat(e.code()).isEqualTo(TransportException.Code.UNAVAILABLE));
        try (DataFixture second = DataFixture.start(directory)) {
          now.set(second);
          assertThat(transport.store(List.of(store(1, 100)), LIMIT).getFirst().inStore()).isTrue();
        }
      }
    }
  }

  @Test
  void theSocketsFile() throws Exception {
    Path socket;
    try (DataFixture fixture = DataFixture.start(directory)) {
      socket = fixture.socket();
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
          .isEqualTo("rw-------");
      assertThatThrownBy(() -> DataListener.unix(socket)).hasMessageContaining("a server listens");
    }
    assertThat(socket).doesNotExist();

    Files.writeString(socket, "not a socket");
    assertThatThrownBy(() -> DataListener.unix(socket)).hasMessageContaining("is no socket");
    assertThat(socket).hasContent("not a socket");
    Files.delete(socket);

    // What a server that was killed leaves.
    try (var dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      dead.bind(UnixDomainSocketAddress.of(socket));
    }
    assertThat(socket).exists();
    DataListener.unix(socket).close();

    assertThatThrownBy(() -> DataListener.unix(directory.resolve("x".repeat(104))))
        .hasMessageContaining("more than 103 bytes");
  }

  @Test
  void aDeadlineIsKept() throws Exception {
    try (ServerSocketChannel silent =
            ServerSocketChannel.open()
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        SocketTransport transport =
            SocketTransport.tcp(
                (InetSocketAddress) silent.getLocalAddress(),
                SocketTransportOptions.defaults(),
                (_, _) -> new byte[32])) {
      assertThatThrownBy(() ->
              transport.load(List.of(LoadItem.whole(id(1), room(10))), Duration.ofMillis(100)))
          .isInstanceOfSatisfying(
              TransportException.class,
              e -> assertThat(e.code()).isEqualTo(TransportException.Code.DEADLINE_EXCEEDED));
    }
  }

  @Test
  void closingTheTransportEndsItsCalls() throws Exception {
    try (ServerSocketChannel silent =
        ServerSocketChannel.open()
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
      SocketTransport transport =
          SocketTransport.tcp(
              (InetSocketAddress) silent.getLocalAddress(),
              SocketTransportOptions.defaults(),
              (_, _) -> new byte[32]);
      CompletableFuture<TransportException.Code> ended =
          CompletableFuture.supplyAsync(() -> {
            try {
              transport.load(List.of(LoadItem.whole(id(1), room(10))), LIMIT);
              throw new AssertionError("nobody can have answered");
            } catch (TransportException e) {
              return e.code();
            }
          });
      try (var _ = silent.accept()) {
        transport.close();
        await().until(ended::isDone);
        assertThat(ended.join()).isEqualTo(TransportException.Code.CLOSED);
      }
    }
  }
}
