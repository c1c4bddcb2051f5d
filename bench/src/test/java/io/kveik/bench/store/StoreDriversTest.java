package io.kveik.bench.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kveik.bench.MemoryStore;
import io.kveik.bench.block.BlockChains;
import io.kveik.bench.block.BlockName;
import io.kveik.bench.block.PayloadKind;
import io.kveik.bench.disk.RawFile;
import io.kveik.bench.endpoint.OwnServer;
import io.kveik.bench.peer.Contender;
import io.kveik.bench.peer.LimitKind;
import io.kveik.bench.peer.PeerKind;
import io.kveik.bench.peer.PeerSettings;
import io.kveik.bench.peer.PeerSettings.SocketKind;
import io.kveik.client.AckLevel;
import io.kveik.client.BlockScope;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every driver against the real thing: what is written comes back, and what is not there doesn't.
 */
class StoreDriversTest {
  private static final int CHAIN = 4;
  private static final int WORKING = 2 * CHAIN;
  private static final BlockChains NAMES = BlockChains.ofPrompts(3, CHAIN);

  @ParameterizedTest
  @ValueSource(ints = {1_000, 65_536, 1_258_291})
  void v1(int blockBytes) throws Exception {
    try (MemoryStore store = new MemoryStore()) {
      writesReadsAndMisses(new StoreAddress(Protocol.V1, store.address()), blockBytes);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Protocol.class,
      names = {"NATIVE_GRPC", "NATIVE_TCP", "NATIVE_UNIX"})
  void nativeTransports(Protocol protocol) throws Exception {
    for (int blockBytes : new int[] {1_000, 65_536, 1_258_291}) {
      try (OwnServer server =
          OwnServer.start(new OwnServer.Settings(64 << 20, 100, 0, 0, List.of(), List.of()))) {
        writesReadsAndMisses(new StoreAddress(protocol, server.address()), blockBytes);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(SocketKind.class)
  void redis(SocketKind socket) throws Exception {
    againstPeer(PeerKind.REDIS, socket);
  }

  @ParameterizedTest
  @EnumSource(SocketKind.class)
  void memcached(SocketKind socket) throws Exception {
    againstPeer(PeerKind.MEMCACHED, socket);
  }

  @Test
  void object() throws Exception {
    againstPeer(PeerKind.OBJECT, SocketKind.TCP);
  }

  @ParameterizedTest
  @EnumSource(LimitKind.class)
  void limits(LimitKind kind) throws Exception {
    try (Contender limit = kind.start(65_536, WORKING);
        Arena arena = Arena.ofConfined();
        BlockStore store = open(limit.address(), 65_536)) {
      MemorySegment memory = arena.allocate(65_536, RawFile.PAGE);
      try (StoreConnection connection = store.connect()) {
        write(connection, NAMES.name(1), memory);
        write(connection, NAMES.name(WORKING), memory);
        assertThat(connection.read(NAMES.name(1), memory.fill((byte) 0)))
            .isEqualTo(ReadOutcome.FOUND);
        assertHolds(memory, 1);
        assertThat(connection.lookup(chain(0))).isEqualTo(new LookupOutcome.Found(CHAIN));
        if (kind == LimitKind.TCP || kind == LimitKind.UNIX) {
          assertThat(limit.figures().orElseThrow().cpuTime()).isPositive();
        }
      }
    }
  }

  @Test
  void theDisksLimitRefusesBlocksThatAreNoWholePages() {
    assertThatThrownBy(() -> LimitKind.DISK.start(1_000, WORKING))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("block-bytes=1000");
  }

  @Test
  void aBlockOfAnotherLengthEndsTheRun() throws Exception {
    needs(PeerKind.REDIS);
    try (Contender redis = PeerKind.REDIS.start(settings(1_000, SocketKind.TCP));
        Arena arena = Arena.ofConfined();
        BlockStore shorter = open(redis.address(), 999);
        BlockStore longer = open(redis.address(), 1_000);
        StoreConnection writer = shorter.connect();
        StoreConnection reader = longer.connect()) {
      write(writer, NAMES.name(0), arena.allocate(999));
      assertThatThrownBy(() -> reader.read(NAMES.name(0), arena.allocate(1_000)))
          .isInstanceOf(IOException.class)
          .hasMessage("redis answered '$999'");
    }
  }

  /** What is above the memory limit is evicted, or refused, and never wrong. */
  @ParameterizedTest
  @EnumSource(
      value = PeerKind.class,
      names = {"REDIS", "MEMCACHED"})
  void fullPeersEvict(PeerKind kind) throws Exception {
    needs(kind);
    int blockBytes = 1 << 20;
    try (Contender peer = kind.start(new PeerSettings(blockBytes, 1, 1, SocketKind.TCP));
        Arena arena = Arena.ofConfined();
        BlockStore store = open(peer.address(), blockBytes);
        StoreConnection connection = store.connect()) {
      MemorySegment memory = arena.allocate(blockBytes);
      BlockChains many = BlockChains.ofPrompts(150, 1);
      for (int block = 0; block < many.count(); block++) {
        PayloadKind.RANDOM.fill(block, memory);
        connection.write(many.name(block), memory);
      }
      int missing = 0;
      for (int block = 0; block < many.count(); block++) {
        ReadOutcome outcome = connection.read(many.name(block), memory);
        if (outcome == ReadOutcome.MISSING) {
          missing++;
        } else {
          assertThat(outcome).isEqualTo(ReadOutcome.FOUND);
          assertHolds(memory, block);
        }
      }
      assertThat(missing).isBetween(1, many.count() - 1);
    }
  }

  private static void againstPeer(PeerKind kind, SocketKind socket) throws Exception {
    needs(kind);
    for (int blockBytes : new int[] {1_000, 1_258_291}) {
      try (Contender peer = start(kind, settings(blockBytes, socket))) {
        writesReadsAndMisses(peer.address(), blockBytes);
        assertThat(peer.figures().orElseThrow().residentBytes()).isPositive();
      }
    }
  }

  private static void writesReadsAndMisses(StoreAddress address, int blockBytes) throws Exception {
    try (Arena arena = Arena.ofShared();
        BlockStore store = open(address, blockBytes);
        StoreConnection one = store.connect();
        StoreConnection two = store.connect()) {
      MemorySegment memory = arena.allocate(blockBytes);
      assertThat(one.lookup(chain(0))).isEqualTo(new LookupOutcome.Found(0));
      for (int block = 0; block < CHAIN - 1; block++) {
        write(one, NAMES.name(block), memory);
      }
      assertThat(two.lookup(chain(0))).isEqualTo(new LookupOutcome.Found(CHAIN - 1));
      assertThat(two.lookup(chain(1))).isEqualTo(new LookupOutcome.Found(0));
      for (int block : new int[] {2, 0, 1}) {
        assertThat(two.read(NAMES.name(block), memory.fill((byte) 0))).isEqualTo(ReadOutcome.FOUND);
        assertHolds(memory, block);
      }
      assertThat(two.read(NAMES.name(CHAIN), memory)).isEqualTo(ReadOutcome.MISSING);
      List<ReadOutcome> outcomes = new ArrayList<>();
      assertThat(
              two.readChain(
                  chain(0),
                  memory,
                  (i, outcome, payload) -> {
                    outcomes.add(outcome);
                    if (outcome == ReadOutcome.FOUND) {
                      assertHolds(payload, i);
                    }
                  }))
          .isTrue();
      assertThat(outcomes).filteredOn(o -> o == ReadOutcome.FOUND).hasSize(CHAIN - 1);
      assertThat(outcomes).filteredOn(o -> o == ReadOutcome.MISSING).hasSize(1);
    }
  }

  private static void write(StoreConnection connection, BlockName block, MemorySegment memory)
      throws IOException {
    PayloadKind.RANDOM.fill(block.number(), memory);
    assertThat(connection.write(block, memory)).isInstanceOf(WriteOutcome.Stored.class);
  }

  private static void assertHolds(MemorySegment memory, long block) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment expected = arena.allocate(memory.byteSize());
      PayloadKind.RANDOM.fill(block, expected);
      assertThat(memory.mismatch(expected)).isEqualTo(-1);
    }
  }

  private static List<BlockName> chain(int chain) {
    return IntStream.range(chain * CHAIN, (chain + 1) * CHAIN).mapToObj(NAMES::name).toList();
  }

  private static BlockStore open(StoreAddress address, int blockBytes) {
    return address
        .protocol()
        .open(
            address.where(),
            new StoreSettings(
                new BlockScope("r", "c", "p"), AckLevel.UNSPECIFIED, blockBytes, WORKING));
  }

  private static PeerSettings settings(int blockBytes, SocketKind socket) {
    return new PeerSettings(blockBytes, 16, 2, socket);
  }

  /** Starts a peer; where npm has no network and Azurite was never installed, there is none. */
  private static Contender start(PeerKind kind, PeerSettings settings) throws IOException {
    try {
      return kind.start(settings);
    } catch (IOException e) {
      String message = String.valueOf(e.getMessage());
      assumeTrue(!message.startsWith("npm can't install"), message);
      throw e;
    }
  }

  private static void needs(PeerKind kind) {
    try {
      kind.check();
    } catch (IllegalArgumentException e) {
      assumeTrue(false, e.getMessage());
    }
  }
}
