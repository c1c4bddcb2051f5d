package io.kveik.server.it;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.kveik.client.data.BorrowedBlock;
import io.kveik.client.data.LoadItem;
import io.kveik.client.data.LoadResult;
import io.kveik.client.data.SameHostTransport;
import io.kveik.client.data.SocketTransportOptions;
import io.kveik.client.data.StoreItem;
import io.kveik.client.data.TransportException;
import io.kveik.wire.nativev1.BlockControlGrpc;
import io.kveik.wire.nativev1.BlockStoreGrpc;
import io.kveik.wire.nativev1.DeleteRequest;
import io.kveik.wire.nativev1.Endpoint;
import io.kveik.wire.nativev1.OpenSessionRequest;
import io.kveik.wire.nativev1.OpenSessionResponse;
import io.kveik.wire.nativev1.Selector;
import java.io.BufferedReader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Blocks read in the server's memory, through the real socket and real mappings. */
@Timeout(60)
final class SameHostTest {
  private static final Duration LIMIT = Duration.ofSeconds(9);
  private static final int BYTES = 200_000;
  private static final byte[] ROOT = {};

  @TempDir Path directory;
  @TempDir Path shared;
  private RunningServer server;
  private OpenSessionResponse session;
  private SameHostTransport transport;

  @BeforeEach
  void start() throws Exception {
    server =
        RunningServer.start(
            directory,
            "same-host.bytes=4MiB",
            "same-host.segment-bytes=1MiB",
            "same-host.dir=" + shared,
            "same-host.lease-millis=300");
    ManagedChannel channel = server.connect();
    session =
        BlockStoreGrpc.newBlockingStub(channel)
            .openSession(
                OpenSessionRequest.newBuilder().setNamespace(NativeCalls.NAMESPACE).build());
    transport = SameHostTransport.open(Path.of(socket()), options(), (_, _) -> ticket());
  }

  @AfterEach
  void stop() {
    transport.close();
    await()
        .atMost(5, TimeUnit.SECONDS)
        .untilAsserted(() -> assertThat(server.metric("kveik_samehost_leases")).isZero());
    server.awaitNoReaders();
    server.close();
    assertThat(shared).isEmptyDirectory();
  }

  private String socket() {
    return session.getEndpointsList().stream()
        .filter(one -> one.getKind() == Endpoint.Kind.KIND_SAME_HOST)
        .findFirst()
        .orElseThrow()
        .getAddress();
  }

  private byte[] ticket() {
    return session.getTicket().toByteArray();
  }

  private static SocketTransportOptions options() {
    return SocketTransportOptions.defaults();
  }

  private static byte[] id(int number) {
    return Blocks.payload(number + 1_000L, 32);
  }

  private void store(int first, int count) throws TransportException {
    List<StoreItem> items = new ArrayList<>();
    for (int i = first; i < first + count; i++) {
      MemorySegment payload = MemorySegment.ofArray(Blocks.payload(i, BYTES));
      items.add(StoreItem.of(id(i), ROOT, 128, payload));
    }
    assertThat(transport.store(items, LIMIT)).allMatch(result -> result.inStore());
  }

  @Test
  void aBorrowedBlockIsReadWhereTheServerHasIt() throws Exception {
    store(0, 3);
    List<byte[]> ids = List.of(id(2), id(9), id(0), id(1));
    for (int round = 0; round < 2; round++) {
      List<Integer> read = new ArrayList<>();
      List<LoadResult.Status> results =
          transport.borrow(
              ids,
              LIMIT,
              (index, block) -> {
                read.add(index);
                int number = new int[] {2, 9, 0, 1}[index];
                assertThat(block.payload().toArray(JAVA_BYTE))
                    .isEqualTo(Blocks.payload(number, BYTES));
                assertThat(block.payload().isReadOnly()).isTrue();
                assertThat(block.tokenCount()).isEqualTo(128);
                assertThat(block.isValid()).isTrue();
              });
      assertThat(read).containsExactlyInAnyOrder(0, 2, 3);
      assertThat(results)
          .containsExactly(
              LoadResult.Status.FOUND,
              LoadResult.Status.NO_MEMORY,
              LoadResult.Status.FOUND,
              LoadResult.Status.FOUND);
    }
    assertThat(server.metric("kveik_samehost_copied_total")).isEqualTo(3);
    assertThat(server.metric("kveik_samehost_lent_total")).isEqualTo(3);
  }

  @Test
  void aDeletedBlockIsNotLentAnyMoreThoughItLiesInSharedMemory() throws Exception {
    store(0, 2);
    List<byte[]> ids = List.of(id(0), id(1));
    assertThat(transport.borrow(ids, LIMIT, (_, _) -> {})).containsOnly(LoadResult.Status.FOUND);
    BlockControlGrpc.newBlockingStub(server.connect())
        .delete(
            DeleteRequest.newBuilder()
                .setNamespace(NativeCalls.NAMESPACE)
                .setSelector(Selector.newBuilder().setPrefixId(ByteString.copyFrom(id(0))))
                .build());
    // Stored again at once, so that only its being forgotten keeps the old copy from being lent.
    MemorySegment other = MemorySegment.ofArray(Blocks.payload(77, BYTES));
    transport.store(List.of(StoreItem.of(id(0), ROOT, 128, other)), LIMIT);
    assertThat(
            transport.borrow(
                ids,
                LIMIT,
                (index, block) ->
                    assertThat(block.payload().toArray(JAVA_BYTE))
                        .isEqualTo(Blocks.payload(index == 0 ? 77 : 1, BYTES))))
        .containsOnly(LoadResult.Status.FOUND);
  }

  @Test
  void loadFillsTheCallersMemoryAlsoWithWhatCantBeLent() throws Exception {
    store(0, 4);
    byte[] large = Blocks.payload(77, 2 << 20);
    byte[] largeId = Blocks.payload(78, 64);
    transport.store(List.of(StoreItem.of(largeId, ROOT, 1, MemorySegment.ofArray(large))), LIMIT);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment whole = arena.allocate(BYTES);
      MemorySegment part = arena.allocate(500);
      MemorySegment larger = arena.allocate(large.length);
      List<LoadResult> results =
          transport.load(
              List.of(
                  LoadItem.whole(id(0), whole),
                  new LoadItem(id(1), 1_000, 500, part),
                  LoadItem.whole(largeId, larger),
                  LoadItem.whole(id(50), arena.allocate(10)),
                  LoadItem.whole(id(2), arena.allocate(10)),
                  new LoadItem(id(3), BYTES, 1, arena.allocate(10))),
              LIMIT);
      assertThat(results.stream().map(LoadResult::status))
          .containsExactly(
              LoadResult.Status.FOUND,
              LoadResult.Status.FOUND,
              LoadResult.Status.FOUND,
              LoadResult.Status.ABSENT,
              LoadResult.Status.TARGET_TOO_SMALL,
              LoadResult.Status.OUT_OF_RANGE);
      assertThat(whole.toArray(JAVA_BYTE)).isEqualTo(Blocks.payload(0, BYTES));
      assertThat(part.mismatch(MemorySegment.ofArray(Blocks.payload(1, BYTES)).asSlice(1_000, 500)))
          .isEqualTo(-1);
      assertThat(larger.toArray(JAVA_BYTE)).isEqualTo(large);
    }
  }

  /** More blocks than the shared memory holds: every one is right, whatever had to make room. */
  @Test
  void sharedMemoryIsReusedWithoutAWrongByte() throws Exception {
    store(0, 60);
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < 60; i++) {
        int number = i;
        assertThat(
                transport.borrow(
                    List.of(id(i)),
                    LIMIT,
                    (_, block) ->
                        assertThat(
                                block
                                    .payload()
                                    .mismatch(MemorySegment.ofArray(Blocks.payload(number, BYTES))))
                            .isEqualTo(-1)))
            .containsExactly(LoadResult.Status.FOUND);
      }
    }
    assertThat(server.metric("kveik_samehost_bytes")).isEqualTo(4 << 20);
  }

  @Test
  void aReaderThatOverstaysIsToldThatWhatItReadMayBeWrong() throws Exception {
    store(0, 30);
    AtomicReference<BorrowedBlock> kept = new AtomicReference<>();
    List<LoadResult.Status> results =
        transport.borrow(
            List.of(id(0)),
            LIMIT,
            (_, block) -> {
              kept.set(block);
              // The lease is of 300 ms and a second of grace; others need its memory meanwhile.
              await()
                  .atMost(8, TimeUnit.SECONDS)
                  .until(() -> server.metric("kveik_samehost_revoked_total") > 0);
              assertThat(block.isValid()).isFalse();
            });
    assertThat(results).containsExactly(LoadResult.Status.DAMAGED);
  }

  @Test
  void aClientKilledWhileItReadsLeavesNoLease() throws Exception {
    store(0, 1);
    Process child = BorrowingChild.start(socket(), ticket(), id(0));
    try (BufferedReader output =
        new BufferedReader(
            new java.io.InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
      assertThat(output.readLine()).isEqualTo("reading");
      assertThat(server.metric("kveik_samehost_leases")).isEqualTo(1);
      child.destroyForcibly().waitFor();
      // Long before the lease's own end would have come with its grace.
      await()
          .atMost(1, TimeUnit.SECONDS)
          .untilAsserted(() -> assertThat(server.metric("kveik_samehost_leases")).isZero());
    } finally {
      child.destroyForcibly();
    }
  }

  @Test
  void nothingIsLentOverTcpOrWithoutATicket() {
    assertThat(Collections.frequency(kinds(), Endpoint.Kind.KIND_SAME_HOST)).isEqualTo(1);
    try (SameHostTransport stranger =
        SameHostTransport.open(Path.of(socket()), options(), (_, _) -> new byte[32])) {
      assertThatThrownBy(() -> stranger.borrow(List.of(id(0)), LIMIT, (_, _) -> {}))
          .isInstanceOfSatisfying(
              TransportException.class,
              e -> assertThat(e.code()).isEqualTo(TransportException.Code.DENIED));
    }
  }

  private List<Endpoint.Kind> kinds() {
    return session.getEndpointsList().stream().map(Endpoint::getKind).toList();
  }
}
