package io.kveik.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import io.kveik.wire.nativev1.BlockRange;
import io.kveik.wire.nativev1.BlockStoreGrpc;
import io.kveik.wire.nativev1.LoadRequest;
import io.kveik.wire.nativev1.LoadResponse;
import io.kveik.wire.nativev1.StoreRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many readers of one block that is not in DRAM, over gRPC. */
@Timeout(120)
final class ColdCrowdTest {
  private static final int READERS = 1_000;
  private static final int PER_CHANNEL = 100;
  private static final int BLOCK_BYTES = 50_000;
  private static final int DEADLINE_SECONDS = 60;

  @TempDir Path directory;

  /** How many loads ended in each way: a found block's size, a miss or a failure. */
  private final Map<String, Integer> outcomes = new ConcurrentHashMap<>();

  @Test
  void aThousandReadersAreOneFetchAndNoTimeout() throws Exception {
    try (RunningServer server =
        RunningServer.start(
            directory, "dram-bytes=8MiB", "fs-bytes=256MiB", "ack=shared", "eviction.policy=lru")) {
      NativeCalls calls = new NativeCalls(server.connect());
      calls.storeChain(0, 1, BLOCK_BYTES);
      for (int i = 1; i <= 20; i++) {
        List<StoreRequest> others = new ArrayList<>();
        for (long seed = 100L * i; seed < 100L * i + 10; seed++) {
          others.add(NativeCalls.block(100L * i, seed, BLOCK_BYTES).build());
        }
        calls.store(others);
      }
      assertThat(calls.match(NativeCalls.ids(0, 1)).getTiers(0).getTier())
          .isEqualTo(io.kveik.wire.nativev1.Tier.TIER_SHARED);
      double before = server.metric("kveik_tier_hits_total{tier=\"fs\"}");

      List<ManagedChannel> channels = new ArrayList<>();
      for (int i = 0; i < READERS / PER_CHANNEL; i++) {
        channels.add(server.connect());
      }
      CountDownLatch start = new CountDownLatch(1);
      List<CompletableFuture<Void>> readers = new ArrayList<>();
      for (int i = 0; i < READERS; i++) {
        readers.add(read(channels.get(i % channels.size()), start));
      }
      start.countDown();
      CompletableFuture.allOf(readers.toArray(CompletableFuture[]::new))
          .get(DEADLINE_SECONDS, TimeUnit.SECONDS);

      assertThat(outcomes).containsExactlyEntriesOf(Map.of("block of " + BLOCK_BYTES, READERS));
      assertThat(server.metric("kveik_tier_hits_total{tier=\"fs\"}") - before).isEqualTo(1);
      assertThat(server.metric("kveik_over_budget_total")).isZero();
      server.awaitNoReaders();
    }
  }

  private CompletableFuture<Void> read(ManagedChannel channel, CountDownLatch start) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            start.await();
          } catch (InterruptedException e) {
            done.completeExceptionally(e);
            return;
          }
          BlockStoreGrpc.newStub(channel)
              .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
              .load(
                  LoadRequest.newBuilder()
                      .setNamespace(NativeCalls.NAMESPACE)
                      .addBlocks(BlockRange.newBuilder().setId(NativeCalls.id(0)))
                      .build(),
                  new StreamObserver<>() {
                    @Override
                    public void onNext(LoadResponse answer) {
                      count(
                          answer.hasBlock()
                              ? "block of " + answer.getBlock().getPayload().size()
                              : "miss: " + answer.getMiss().getReason());
                    }

                    @Override
                    public void onError(Throwable failure) {
                      count("failure: " + failure);
                      done.complete(null);
                    }

                    @Override
                    public void onCompleted() {
                      done.complete(null);
                    }
                  });
        });
    return done;
  }

  private void count(String outcome) {
    outcomes.merge(outcome, 1, Integer::sum);
  }
}
