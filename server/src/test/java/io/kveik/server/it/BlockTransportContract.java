package io.kveik.server.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kveik.client.AckLevel;
import io.kveik.client.BlockClient;
import io.kveik.client.BlockClientOptions;
import io.kveik.client.BlockSelector;
import io.kveik.client.NamespaceClient;
import io.kveik.client.StoredBlockInfo;
import io.kveik.client.TtlKind;
import io.kveik.client.data.BlockTransport;
import io.kveik.client.data.LoadItem;
import io.kveik.client.data.LoadResult;
import io.kveik.client.data.StoreItem;
import io.kveik.client.data.StoreResult;
import io.kveik.client.data.TransportException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What every {@link BlockTransport} does, against a real server. */
@Timeout(60)
abstract class BlockTransportContract {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final int MAX_IDS = 100;

  @TempDir Path directory;
  private final Arena arena = Arena.ofShared();
  private RunningServer server;
  private BlockClient client;
  private NamespaceClient reader;
  private BlockTransport transport;

  /** The transport under test, to {@link NativeBlocks#NAMESPACE}. */
  abstract BlockTransport connect(RunningServer running) throws Exception;

  @BeforeEach
  final void start() throws Exception {
    server =
        RunningServer.start(
            directory,
            "limits.ids=" + MAX_IDS,
            "same-host.bytes=8MiB",
            "same-host.segment-bytes=2MiB",
            "same-host.dir=" + Files.createDirectory(directory.resolve("shared")));
    client = BlockClient.connect(BlockClientOptions.of("localhost:" + server.port()));
    reader = client.open(NativeBlocks.NAMESPACE);
    transport = connect(server);
  }

  @AfterEach
  final void stop() {
    server.awaitNoReaders();
    transport.close();
    client.close();
    server.close();
    arena.close();
  }

  @Test
  void whatIsStoredIsLoadedByItAndByOthers() throws Exception {
    StoreItem item =
        new StoreItem(
            NativeBlocks.id(1),
            new byte[0],
            77,
            new byte[] {1, 2, 3},
            0,
            3,
            AckLevel.MEMORY,
            NativeBlocks.payload(1, 1_228_801),
            OptionalInt.empty());
    assertThat(transport.store(List.of(item), LIMIT))
        .containsExactly(new StoreResult(StoreResult.Status.STORED, AckLevel.MEMORY, ""));
    MemorySegment mine = arena.allocate(2_000_000);
    MemorySegment theirs = arena.allocate(1_228_801);
    for (LoadResult loaded :
        List.of(
            transport.load(List.of(LoadItem.whole(item.id(), mine)), LIMIT).getFirst(),
            reader.load(List.of(LoadItem.whole(item.id(), theirs))).getFirst())) {
      assertThat(loaded.status()).isEqualTo(LoadResult.Status.FOUND);
      assertThat(loaded.bytes()).isEqualTo(1_228_801);
      assertThat(loaded.blockBytes()).isEqualTo(1_228_801);
      assertThat(loaded.tokenCount()).isEqualTo(77);
      assertThat(loaded.metadata()).containsExactly(1, 2, 3);
    }
    assertThat(mine.asSlice(0, 1_228_801).mismatch(item.payload())).isEqualTo(-1);
    assertThat(theirs.mismatch(item.payload())).isEqualTo(-1);
  }

  @Test
  void loadsWhatOthersHaveStored() throws Exception {
    StoreItem item = NativeBlocks.store(5, 100_000);
    assertThat(reader.store(List.of(item)).getFirst().inStore()).isTrue();
    MemorySegment target = arena.allocate(100_000);
    assertThat(transport.load(List.of(LoadItem.whole(item.id(), target)), LIMIT).getFirst().found())
        .isTrue();
    assertThat(target.mismatch(item.payload())).isEqualTo(-1);
  }

  @Test
  void moreBlocksThanOneRequestMayName() throws Exception {
    int count = 3 * MAX_IDS + 7;
    List<StoreItem> stores = new ArrayList<>();
    List<LoadItem> loads = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      stores.add(NativeBlocks.store(i, 30_000 + i));
      loads.add(
          LoadItem.whole(NativeBlocks.id(i % 7 == 3 ? i + 1_000_000 : i), arena.allocate(40_000)));
    }
    assertThat(transport.store(stores, LIMIT))
        .hasSize(count)
        .allMatch(result -> result.status() == StoreResult.Status.STORED);
    List<LoadResult> results = transport.load(loads, LIMIT);
    for (int i = 0; i < count; i++) {
      if (i % 7 == 3) {
        assertThat(results.get(i).status()).isEqualTo(LoadResult.Status.ABSENT);
      } else {
        assertThat(results.get(i).bytes()).isEqualTo(30_000 + i);
        assertThat(loads.get(i).target().asSlice(0, 30_000 + i).mismatch(stores.get(i).payload()))
            .isEqualTo(-1);
      }
    }
  }

  @Test
  void partsOfBlocks() throws Exception {
    StoreItem item = NativeBlocks.store(1, 10_000);
    transport.store(List.of(item), LIMIT);
    MemorySegment middle = arena.allocate(100);
    MemorySegment tail = arena.allocate(5_000);
    List<LoadResult> results =
        transport.load(
            List.of(
                new LoadItem(item.id(), 500, 100, middle),
                new LoadItem(item.id(), 9_000, 0, tail),
                new LoadItem(item.id(), 10_000, 0, arena.allocate(10)),
                new LoadItem(item.id(), 9_999, 2, arena.allocate(10)),
                new LoadItem(item.id(), 0, 0, arena.allocate(9_999))),
            LIMIT);
    assertThat(results.stream().map(LoadResult::status))
        .containsExactly(
            LoadResult.Status.FOUND,
            LoadResult.Status.FOUND,
            LoadResult.Status.OUT_OF_RANGE,
            LoadResult.Status.OUT_OF_RANGE,
            LoadResult.Status.TARGET_TOO_SMALL);
    assertThat(middle.mismatch(item.payload().asSlice(500, 100))).isEqualTo(-1);
    assertThat(results.get(1).bytes()).isEqualTo(1_000);
    assertThat(tail.asSlice(0, 1_000).mismatch(item.payload().asSlice(9_000, 1_000))).isEqualTo(-1);
    assertThat(results.get(4).blockBytes()).isEqualTo(10_000);
  }

  @Test
  void theFirstWriterWins() throws Exception {
    StoreItem first = NativeBlocks.store(1, 10_000);
    StoreItem second = StoreItem.of(first.id(), new byte[0], 16, NativeBlocks.payload(2, 20_000));
    assertThat(transport.store(List.of(first, second), LIMIT).stream().map(StoreResult::status))
        .containsExactly(StoreResult.Status.STORED, StoreResult.Status.ALREADY_PRESENT);
    MemorySegment target = arena.allocate(20_000);
    assertThat(
            transport.load(List.of(LoadItem.whole(first.id(), target)), LIMIT).getFirst().bytes())
        .isEqualTo(10_000);
    assertThat(target.asSlice(0, 10_000).mismatch(first.payload())).isEqualTo(-1);
  }

  @Test
  void timesToLiveCountFromWhatTheWriterSays() throws Exception {
    long ttlMillis = 3_600_000;
    int number = 100;
    for (TtlKind kind : TtlKind.values()) {
      StoreItem item = NativeBlocks.store(number++, 1_000).withTtl(kind, ttlMillis);
      assertThat(transport.store(List.of(item), LIMIT)).allMatch(StoreResult::inStore);
      StoredBlockInfo stored =
          reader
              .control()
              .query(new BlockSelector.Ids(List.of(item.id())), 0, null)
              .blocks()
              .getFirst();
      assertThat(stored.ttlKind()).contains(kind);
      assertThat(stored.ttlLeft().isEmpty()).isEqualTo(kind == TtlKind.FIRST_USE);
    }
  }

  @Test
  void whatCannotBeStoredIsSaidAndTheRestGoesOn() throws Exception {
    StoreItem good = NativeBlocks.store(1, 100);
    StoreItem last = NativeBlocks.store(2, 100);
    StoreItem wrong =
        new StoreItem(
            NativeBlocks.id(9),
            new byte[0],
            16,
            new byte[0],
            0,
            0,
            AckLevel.MEMORY,
            good.payload(),
            OptionalInt.of(12345));
    StoreItem metadata =
        new StoreItem(
            NativeBlocks.id(9),
            new byte[0],
            16,
            new byte[4_097],
            0,
            0,
            AckLevel.MEMORY,
            good.payload(),
            OptionalInt.empty());
    StoreItem huge = StoreItem.of(NativeBlocks.id(9), new byte[0], 16, arena.allocate(65 << 20));
    StoreItem empty = StoreItem.of(NativeBlocks.id(9), new byte[0], 16, MemorySegment.NULL);
    List<StoreResult> results =
        transport.store(List.of(good, wrong, metadata, huge, empty, last), LIMIT);
    assertThat(results.stream().map(StoreResult::status))
        .containsExactly(
            StoreResult.Status.STORED,
            StoreResult.Status.CHECKSUM_MISMATCH,
            StoreResult.Status.INVALID,
            StoreResult.Status.INVALID,
            StoreResult.Status.INVALID,
            StoreResult.Status.STORED);
    assertThat(results.get(2).detail()).contains("metadata", "4097", "4096");
  }

  @Test
  void memoryOfOneThreadIsFine() throws Exception {
    try (Arena confined = Arena.ofConfined()) {
      MemorySegment payload = confined.allocate(200_000).fill((byte) 7);
      StoreItem item = StoreItem.of(NativeBlocks.id(1), new byte[0], 16, payload);
      assertThat(transport.store(List.of(item), LIMIT).getFirst().inStore()).isTrue();
      MemorySegment target = confined.allocate(200_000);
      assertThat(
              transport.load(List.of(LoadItem.whole(item.id(), target)), LIMIT).getFirst().found())
          .isTrue();
      assertThat(target.mismatch(payload)).isEqualTo(-1);
    }
  }

  @Test
  void nothingToDoIsDone() throws Exception {
    assertThat(transport.load(List.of(), LIMIT)).isEmpty();
    assertThat(transport.store(List.of(), LIMIT)).isEmpty();
  }

  @Test
  void aTimeThatIsOverIsSaid() {
    List<LoadItem> loads = List.of(LoadItem.whole(NativeBlocks.id(1), arena.allocate(10)));
    assertThatThrownBy(() -> transport.load(loads, Duration.ZERO))
        .isInstanceOfSatisfying(
            TransportException.class,
            e -> assertThat(e.code()).isEqualTo(TransportException.Code.DEADLINE_EXCEEDED));
  }

  @Test
  void anInterruptIsSaidAndKept() {
    List<LoadItem> loads = List.of(LoadItem.whole(NativeBlocks.id(1), arena.allocate(10)));
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(() -> transport.load(loads, LIMIT))
          .isInstanceOfSatisfying(
              TransportException.class,
              e -> assertThat(e.code()).isEqualTo(TransportException.Code.INTERRUPTED));
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void closedIsClosed() {
    transport.close();
    transport.close();
    List<LoadItem> loads = List.of(LoadItem.whole(NativeBlocks.id(1), arena.allocate(10)));
    assertThatThrownBy(() -> transport.load(loads, LIMIT))
        .isInstanceOfSatisfying(
            TransportException.class,
            e -> assertThat(e.code()).isEqualTo(TransportException.Code.CLOSED));
  }
}
