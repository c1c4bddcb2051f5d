package io.kveik.bench.store;

import io.kveik.bench.block.BlockContent;
import io.kveik.bench.block.BlockName;
import io.kveik.bench.run.Failures;
import io.kveik.client.BlockClient;
import io.kveik.client.BlockClientOptions;
import io.kveik.client.BlockModel;
import io.kveik.client.BlockNamespace;
import io.kveik.client.KveikException;
import io.kveik.client.NamespaceClient;
import io.kveik.client.data.LoadItem;
import io.kveik.client.data.LoadResult;
import io.kveik.client.data.StoreItem;
import io.kveik.client.data.TransportKind;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Kveik's native service over one of its transports, through the Java client. Each connection is a
 * client of its own, which checks payloads against their checksums as a real one does.
 */
final class NativeStore implements BlockStore {
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  private final BlockClientOptions options;
  private final StoreSettings settings;
  private final BlockNamespace namespace;
  private final boolean inPlace;

  /**
   * @param inPlace true to check payloads where the server has them, without a copy
   */
  NativeStore(String address, StoreSettings settings, TransportKind transport, boolean inPlace) {
    this.inPlace = inPlace;
    this.options =
        BlockClientOptions.of(address)
            .withTransports(Set.of(transport))
            .withDeadlines(DEADLINE, DEADLINE, DEADLINE);
    this.settings = settings;
    this.namespace =
        new BlockNamespace(settings.scope(), BlockModel.of("bench", BlockContent.TOKENS));
  }

  @Override
  public StoreConnection connect() throws IOException {
    BlockClient client = BlockClient.connect(options);
    try {
      return new Connection(client, client.open(namespace));
    } catch (KveikException e) {
      client.close();
      throw new IOException(e.getMessage(), e);
    }
  }

  private final class Connection implements StoreConnection {
    private final BlockClient client;
    private final NamespaceClient blocks;

    /** What a chain is loaded into, side by side; made when it is first needed. */
    private MemorySegment chainMemory = MemorySegment.NULL;

    Connection(BlockClient client, NamespaceClient blocks) {
      this.client = client;
      this.blocks = blocks;
    }

    @Override
    public WriteOutcome write(BlockName block, MemorySegment payload) {
      try {
        StoreItem item = NativeBlocks.item(block, settings.ack(), payload);
        return NativeBlocks.outcome(blocks.store(List.of(item)).getFirst(), settings.ack());
      } catch (KveikException e) {
        return Failures.refusedOrThrow(e, WriteOutcome.REFUSED);
      }
    }

    @Override
    public ReadOutcome read(BlockName block, MemorySegment into) {
      try {
        LoadItem item = LoadItem.whole(NativeBlocks.id(block.label()), into);
        return outcome(blocks.load(List.of(item)).getFirst());
      } catch (KveikException e) {
        return Failures.refusedOrThrow(e, ReadOutcome.REFUSED);
      }
    }

    @Override
    public ReadOutcome read(BlockName block, MemorySegment into, Check check) throws IOException {
      if (!inPlace) {
        return StoreConnection.super.read(block, into, check);
      }
      boolean[] right = new boolean[1];
      try {
        LoadResult.Status status =
            blocks
                .borrow(
                    List.of(NativeBlocks.id(block.label())),
                    (_, lent) ->
                        right[0] =
                            lent.payloadBytes() == settings.blockBytes()
                                && check.isRight(lent.payload()))
                .getFirst();
        return status == LoadResult.Status.FOUND && !right[0] ? ReadOutcome.WRONG : outcome(status);
      } catch (KveikException e) {
        return Failures.refusedOrThrow(e, ReadOutcome.REFUSED);
      }
    }

    /** One load of all blocks: their payloads are all there before the first is shown. */
    @Override
    public boolean readChain(List<BlockName> chain, MemorySegment into, ReadSink sink)
        throws IOException {
      if (inPlace) {
        return StoreConnection.super.readChain(chain, into, sink);
      }
      long blockBytes = settings.blockBytes();
      if (chainMemory.byteSize() < chain.size() * blockBytes) {
        chainMemory = Arena.ofAuto().allocate(chain.size() * blockBytes, Long.BYTES);
      }
      List<LoadItem> items = new ArrayList<>();
      for (int i = 0; i < chain.size(); i++) {
        items.add(
            LoadItem.whole(
                NativeBlocks.id(chain.get(i).label()),
                chainMemory.asSlice(i * blockBytes, blockBytes)));
      }
      try {
        List<LoadResult> results = blocks.load(items);
        for (int i = 0; i < chain.size(); i++) {
          sink.accept(i, outcome(results.get(i)), items.get(i).target());
        }
        return true;
      } catch (KveikException e) {
        return Failures.refusedOrThrow(e, false);
      }
    }

    private ReadOutcome outcome(LoadResult result) {
      return result.found() && result.bytes() != settings.blockBytes()
          ? ReadOutcome.WRONG
          : outcome(result.status());
    }

    private static ReadOutcome outcome(LoadResult.Status status) {
      return switch (status) {
        case FOUND -> ReadOutcome.FOUND;
        case ABSENT, EXPIRED, CORRUPT, TIER_DOWN -> ReadOutcome.MISSING;
        case OVER_BUDGET, NO_MEMORY, BUSY -> ReadOutcome.REFUSED;
        case OUT_OF_RANGE, TARGET_TOO_SMALL, DAMAGED -> ReadOutcome.WRONG;
      };
    }

    @Override
    public LookupOutcome lookup(List<BlockName> chain) {
      try {
        List<byte[]> ids = chain.stream().map(block -> NativeBlocks.id(block.label())).toList();
        return new LookupOutcome.Found(blocks.match(ids).blocks());
      } catch (KveikException e) {
        return Failures.refusedOrThrow(e, LookupOutcome.REFUSED);
      }
    }

    @Override
    public void close() {
      client.close();
    }
  }
}
