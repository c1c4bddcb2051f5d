package io.kveik.bench.store;

import io.kveik.bench.block.BlockName;
import io.kveik.bench.run.Failures;
import io.kveik.client.BlockInfo;
import io.kveik.client.BlockRef;
import io.kveik.client.BlockScope;
import io.kveik.client.BlockWrite;
import io.kveik.client.ClientOptions;
import io.kveik.client.KveikClient;
import io.kveik.client.KveikException;
import io.kveik.client.WriteResult;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Kveik over its v1 gRPC service. Connections share where lookups found the blocks of the working
 * set, since a read needs a location.
 *
 * <p>The client tries once, since errors are to be seen, and checks payloads against their
 * checksums as a real one does.
 */
final class V1Store implements BlockStore {
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  private final String address;
  private final StoreSettings settings;
  private final AtomicReferenceArray<@Nullable BlockRef> found;

  V1Store(String address, StoreSettings settings) {
    this.address = address;
    this.settings = settings;
    this.found = new AtomicReferenceArray<>(settings.workingBlocks());
  }

  @Override
  public StoreConnection connect() {
    return new Connection(
        KveikClient.connect(
            ClientOptions.builder(address)
                .lookupDeadline(DEADLINE)
                .readDeadline(DEADLINE)
                .readAllDeadline(DEADLINE)
                .writeDeadline(DEADLINE)
                .maxAttempts(1)
                .build()));
  }

  private @Nullable BlockRef find(BlockName block) {
    return block.number() < found.length() ? found.get((int) block.number()) : null;
  }

  private final class Connection implements StoreConnection {
    private final KveikClient client;
    private final BlockScope scope = settings.scope();

    Connection(KveikClient client) {
      this.client = client;
    }

    @Override
    public WriteOutcome write(BlockName block, MemorySegment payload) {
      BlockWrite write =
          BlockWrite.builder(block.label(), block.parentLabel(), block.tokens(), payload)
              .ackLevel(settings.ack())
              .build();
      try {
        WriteResult result = client.write(scope, write);
        boolean belowAck = result.ackLevel().compareTo(settings.ack()) < 0;
        return result.alreadyPresent() || belowAck
            ? new WriteOutcome.Stored(result.alreadyPresent(), belowAck)
            : WriteOutcome.STORED;
      } catch (KveikException e) {
        return Failures.refusedOrThrow(e, WriteOutcome.REFUSED);
      }
    }

    @Override
    public ReadOutcome read(BlockName block, MemorySegment into) {
      BlockRef ref = find(block);
      if (ref == null) {
        return ReadOutcome.MISSING;
      }
      long wrongBefore = client.corruptBlocks();
      try {
        Optional<BlockInfo> read = client.read(scope, ref, into);
        if (read.isPresent()) {
          return outcome(block, read.get());
        }
        return client.corruptBlocks() == wrongBefore ? ReadOutcome.MISSING : ReadOutcome.WRONG;
      } catch (KveikException e) {
        return e.code() == KveikException.Code.MEMORY_TOO_SMALL
            ? ReadOutcome.WRONG
            : Failures.refusedOrThrow(e, ReadOutcome.REFUSED);
      }
    }

    @Override
    public LookupOutcome lookup(List<BlockName> chain) {
      List<BlockRef> refs;
      try {
        refs = client.lookup(scope, BlockName.tokens(chain)).blocks();
      } catch (KveikException e) {
        return Failures.refusedOrThrow(e, LookupOutcome.REFUSED);
      }
      if (refs.size() > chain.size()) {
        return LookupOutcome.WRONG;
      }
      for (int i = 0; i < refs.size(); i++) {
        if (refs.get(i).label() != chain.get(i).label()) {
          return LookupOutcome.WRONG;
        }
        found.set((int) chain.get(i).number(), refs.get(i));
      }
      return new LookupOutcome.Found(refs.size());
    }

    /** Blocks never found are left out of the stream, which has to name a place for each. */
    @Override
    public boolean readChain(List<BlockName> chain, MemorySegment into, ReadSink sink) {
      List<BlockRef> refs = new ArrayList<>();
      List<Integer> places = new ArrayList<>();
      for (int i = 0; i < chain.size(); i++) {
        BlockRef ref = find(chain.get(i));
        if (ref == null) {
          sink.accept(i, ReadOutcome.MISSING, into);
        } else {
          refs.add(ref);
          places.add(i);
        }
      }
      long[] wrong = {client.corruptBlocks()};
      try {
        client.readAll(
            scope,
            refs,
            (i, block) -> {
              ReadOutcome outcome;
              if (block.isEmpty()) {
                long wrongNow = client.corruptBlocks();
                outcome = wrongNow == wrong[0] ? ReadOutcome.MISSING : ReadOutcome.WRONG;
                wrong[0] = wrongNow;
              } else {
                outcome = outcome(chain.get(places.get(i)), block.get().info());
                if (outcome == ReadOutcome.FOUND) {
                  block.get().copyTo(into);
                }
              }
              sink.accept(places.get(i), outcome, into);
            });
        return true;
      } catch (KveikException e) {
        return Failures.refusedOrThrow(e, false);
      }
    }

    @Override
    public void close() {
      client.close();
    }

    private ReadOutcome outcome(BlockName block, BlockInfo read) {
      return read.length() == settings.blockBytes() && read.label() == block.label()
          ? ReadOutcome.FOUND
          : ReadOutcome.WRONG;
    }
  }
}
