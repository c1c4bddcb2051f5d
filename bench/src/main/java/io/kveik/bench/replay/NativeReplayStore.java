package io.kveik.bench.replay;

import io.kveik.bench.block.BlockCheck;
import io.kveik.bench.block.BlockContent;
import io.kveik.bench.block.BlockName;
import io.kveik.bench.block.PayloadKind;
import io.kveik.bench.report.Latencies;
import io.kveik.bench.report.Operation;
import io.kveik.bench.run.Failures;
import io.kveik.bench.store.NativeBlocks;
import io.kveik.client.AckLevel;
import io.kveik.client.BlockClient;
import io.kveik.client.BlockClientOptions;
import io.kveik.client.BlockModel;
import io.kveik.client.BlockNamespace;
import io.kveik.client.KveikException;
import io.kveik.client.NamespaceClient;
import io.kveik.client.TurnHints;
import io.kveik.client.data.LoadItem;
import io.kveik.client.data.LoadResult;
import io.kveik.client.data.SocketTransportOptions;
import io.kveik.client.data.StoreItem;
import io.kveik.server.block.TurnEnd;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The native service, blocks over the best transport that both sides have, many of a chain in one
 * call and in their order. Why a turn ended is told with a prefetch of its chain, as an engine does
 * when it has ended.
 */
final class NativeReplayStore implements ReplayStore {
  /** Memory for the blocks of one load, of which there is at least one. */
  private static final long LOAD_BYTES = 4L << 20;

  private static final int MAX_LOAD_BLOCKS = 64;

  private final BlockClient client;
  private final NamespaceClient blocks;
  private final AckLevel ack;
  private final int blockBytes;
  private final int loadBlocks;
  private final int storeBlocks;
  private final ReplayTotals totals;
  private final Latencies latencies;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment loaded;
  private final MemorySegment stored;
  private final ExpectedPayload expected;

  private NativeReplayStore(
      BlockClient client,
      NamespaceClient blocks,
      ReplayPlan plan,
      ReplayTotals totals,
      Latencies latencies) {
    this.client = client;
    this.blocks = blocks;
    this.ack = plan.ack();
    this.blockBytes = plan.blockBytes();
    this.loadBlocks = Math.clamp(LOAD_BYTES / blockBytes, 1, MAX_LOAD_BLOCKS);
    this.storeBlocks = plan.writeWindow();
    this.totals = totals;
    this.latencies = latencies;
    this.stored = arena.allocate((long) storeBlocks * blockBytes, Long.BYTES);
    this.loaded = arena.allocate((long) loadBlocks * blockBytes, Long.BYTES);
    this.expected = new ExpectedPayload(blockBytes);
  }

  /** Without the client's own checksum: every byte is compared, and a wrong one must show. */
  static NativeReplayStore connect(
      String address, ReplayPlan plan, ReplayTotals totals, Latencies latencies) {
    BlockClient client =
        BlockClient.connect(
            BlockClientOptions.of(address)
                .withDeadlines(
                    ReplayWire.LOOKUP_DEADLINE, ReplayWire.READ_DEADLINE, ReplayWire.WRITE_DEADLINE)
                .withSockets(SocketTransportOptions.defaults().withVerifyChecksums(false)));
    boolean opened = false;
    try {
      BlockNamespace namespace =
          new BlockNamespace(plan.scope(), BlockModel.of("replay", BlockContent.TOKENS));
      NativeReplayStore store =
          new NativeReplayStore(client, client.open(namespace), plan, totals, latencies);
      opened = true;
      return store;
    } finally {
      if (!opened) {
        client.close();
      }
    }
  }

  @Override
  public Prefix lookup(Prompt prompt) {
    int found = blocks.match(ids(prompt)).blocks();
    return new Prefix() {
      @Override
      public int blocks() {
        return found;
      }

      @Override
      public void read(int count, Reader reader) {
        for (int from = 0; from < count; from += loadBlocks) {
          load(prompt, from, Math.min(count, from + loadBlocks), reader);
        }
      }
    };
  }

  @Override
  public void write(Prompt prompt, int from) {
    for (int start = from; start < prompt.length(); start += storeBlocks) {
      store(prompt, start, Math.min(prompt.length(), start + storeBlocks));
    }
  }

  @Override
  public void turnEnded(Prompt prompt, TurnEnd end) {
    byte[] conversation = id(prompt, prompt.length() - 1);
    blocks.prefetch(
        ids(prompt),
        new TurnHints(conversation, Optional.empty(), io.kveik.client.TurnEnd.valueOf(end.name())));
  }

  @Override
  public void close() {
    client.close();
    arena.close();
    expected.close();
  }

  private void store(Prompt prompt, int from, int to) {
    List<StoreItem> items = new ArrayList<>(to - from);
    for (int i = from; i < to; i++) {
      BlockName name = prompt.name(i);
      MemorySegment payload = place(stored, i - from);
      PayloadKind.RANDOM.fill(name.number(), payload);
      items.add(NativeBlocks.item(name, ack, payload));
    }
    long startNanos = System.nanoTime();
    try {
      blocks.store(items).forEach(result -> totals.wrote(NativeBlocks.outcome(result, ack)));
    } catch (KveikException e) {
      if (!Failures.isLegal(e)) {
        throw e;
      }
      totals.failedWrites.add(items.size());
    }
    for (int i = from; i < to; i++) {
      latencies.recordSince(Operation.WRITE, startNanos);
    }
  }

  private void load(Prompt prompt, int from, int to, Reader reader) {
    List<LoadItem> items = new ArrayList<>(to - from);
    for (int i = from; i < to; i++) {
      items.add(LoadItem.whole(id(prompt, i), place(loaded, i - from)));
    }
    List<LoadResult> results = blocks.load(items);
    for (int i = from; i < to; i++) {
      reader.accept(i, compare(prompt.name(i), results.get(i - from), place(loaded, i - from)));
    }
  }

  private MemorySegment place(MemorySegment blocksOfACall, int place) {
    return blocksOfACall.asSlice((long) place * blockBytes, blockBytes);
  }

  private BlockRead compare(BlockName name, LoadResult result, MemorySegment came) {
    return switch (result.status()) {
      case FOUND -> {
        long wrong =
            BlockCheck.wrongBytes(came.asSlice(0, result.bytes()), expected.of(name.number()));
        yield wrong == 0 ? new BlockRead.Right() : new BlockRead.Wrong(wrong);
      }
      case ABSENT, EXPIRED, CORRUPT, TIER_DOWN, OVER_BUDGET, NO_MEMORY, BUSY ->
          new BlockRead.Missing();
      case OUT_OF_RANGE, TARGET_TOO_SMALL, DAMAGED -> new BlockRead.Wrong(blockBytes);
    };
  }

  private static List<byte[]> ids(Prompt prompt) {
    return IntStream.range(0, prompt.length()).mapToObj(i -> id(prompt, i)).toList();
  }

  private static byte[] id(Prompt prompt, int index) {
    return NativeBlocks.id(prompt.name(index).label());
  }
}
