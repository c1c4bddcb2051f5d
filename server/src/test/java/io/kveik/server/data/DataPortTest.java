package io.kveik.server.data;

import static io.kveik.server.data.DataItems.NO_PARENT;
import static io.kveik.server.data.DataItems.bytes;
import static io.kveik.server.data.DataItems.id;
import static io.kveik.server.data.DataItems.payload;
import static io.kveik.server.data.DataItems.room;
import static io.kveik.server.data.DataItems.store;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kveik.client.AckLevel;
import io.kveik.client.data.BlockTransport;
import io.kveik.client.data.LoadItem;
import io.kveik.client.data.LoadResult;
import io.kveik.client.data.StoreItem;
import io.kveik.client.data.StoreResult;
import io.kveik.server.tier.TestBlocks;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the data port does for clients that keep to its rules, over each kind of socket. */
@Timeout(60)
final class DataPortTest {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  @TempDir Path directory;

  enum Kind {
    TCP,
    UNIX
  }

  private static BlockTransport connect(DataFixture fixture, Kind kind) {
    return kind == Kind.TCP ? fixture.tcp() : fixture.unix();
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

  /** One connection does it, though there is enough for two. */
  @ParameterizedTest
  @EnumSource(Kind.class)
  void memoryConfinedToTheCallersThread(Kind kind) throws Exception {
    int bytes = 3_000_000;
    try (DataFixture fixture = DataFixture.start(directory);
        BlockTransport transport = connect(fixture, kind);
        Arena confined = Arena.ofConfined()) {
      List<StoreItem> stores = new ArrayList<>();
      List<LoadItem> loads = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        stores.add(store(i, bytes));
        loads.add(LoadItem.whole(id(i), confined.allocate(bytes)));
      }
      transport.store(stores, LIMIT);
      assertThat(transport.load(loads, LIMIT)).hasSize(4).allMatch(LoadResult::found);
      for (int i = 0; i < 4; i++) {
        assertThat(bytes(loads.get(i).target(), bytes)).isEqualTo(TestBlocks.body(i, 0, bytes));
      }
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
}
