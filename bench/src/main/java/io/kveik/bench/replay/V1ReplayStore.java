package io.kveik.bench.replay;

import io.kveik.bench.block.BlockCheck;
import io.kveik.bench.block.BlockContent;
import io.kveik.bench.block.BlockName;
import io.kveik.bench.report.Latencies;
import io.kveik.bench.store.WriteOutcome;
import io.kveik.client.AckLevel;
import io.kveik.client.Block;
import io.kveik.client.BlockRef;
import io.kveik.client.BlockScope;
import io.kveik.client.BlockWrite;
import io.kveik.client.ClientOptions;
import io.kveik.client.KveikClient;
import io.kveik.client.WriteResult;
import io.kveik.server.block.TurnEnd;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The v1 service, a call for each block: writes in flight overtake each other. It has no way to
 * tell why a turn ended.
 */
final class V1ReplayStore implements ReplayStore {
  private final KveikClient client;
  private final BlockScope scope;
  private final AckLevel ack;
  private final ExpectedPayload expected;
  private final WriteWindow writes;

  private V1ReplayStore(
      KveikClient client, ReplayPlan plan, ReplayTotals totals, Latencies latencies) {
    this.client = client;
    this.scope = plan.scope();
    this.ack = plan.ack();
    this.expected = new ExpectedPayload(plan.blockBytes());
    this.writes = new WriteWindow(this::write, plan, totals, latencies);
  }

  /** Without the client's own checksum: every byte is compared, and a wrong one must show. */
  static V1ReplayStore connect(
      String address, ReplayPlan plan, ReplayTotals totals, Latencies latencies) {
    ClientOptions options =
        ClientOptions.builder(address)
            .lookupDeadline(ReplayWire.LOOKUP_DEADLINE)
            .readAllDeadline(ReplayWire.READ_DEADLINE)
            .writeDeadline(ReplayWire.WRITE_DEADLINE)
            .verifyChecksums(false)
            .build();
    return new V1ReplayStore(KveikClient.connect(options), plan, totals, latencies);
  }

  @Override
  public Prefix lookup(Prompt prompt) {
    List<BlockRef> found = client.lookup(scope, prompt.tokens()).blocks();
    return new Prefix() {
      @Override
      public int blocks() {
        return found.size();
      }

      @Override
      public void read(int count, Reader reader) {
        V1ReplayStore.this.read(prompt, found.subList(0, count), reader);
      }
    };
  }

  @Override
  public void write(Prompt prompt, int from) throws InterruptedException {
    for (int i = from; i < prompt.length(); i++) {
      writes.write(prompt, i);
    }
    writes.awaitAll();
  }

  private WriteOutcome write(Prompt prompt, int index, MemorySegment payload) {
    BlockName name = prompt.name(index);
    WriteResult result =
        client.write(
            scope,
            BlockWrite.builder(name.label(), name.parentLabel(), prompt.tokens(index), payload)
                .ackLevel(ack)
                .build());
    return new WriteOutcome.Stored(result.alreadyPresent(), result.ackLevel().compareTo(ack) < 0);
  }

  @Override
  public void turnEnded(Prompt prompt, TurnEnd end) {}

  @Override
  public void close() {
    writes.close();
    client.close();
    expected.close();
  }

  private void read(Prompt prompt, List<BlockRef> found, Reader reader) {
    long[] mislabelled = {client.corruptBlocks()};
    client.readAll(
        scope,
        found,
        (index, block) ->
            reader.accept(
                index,
                block.isPresent() ? compare(prompt, index, block.get()) : absent(mislabelled)));
  }

  /** The client drops a block that is another one, and counts it. */
  private BlockRead absent(long[] mislabelled) {
    long before = mislabelled[0];
    mislabelled[0] = client.corruptBlocks();
    return mislabelled[0] == before ? new BlockRead.Missing() : new BlockRead.Wrong(0);
  }

  private BlockRead compare(Prompt prompt, int index, Block block) {
    BlockName name = prompt.name(index);
    long wrongBytes = BlockCheck.wrongBytes(block, expected.of(name.number()));
    boolean described =
        BlockCheck.describes(
            block.info(),
            name.label(),
            name.parentLabel(),
            prompt.tokens(),
            index * BlockContent.TOKENS);
    return wrongBytes == 0 && described ? new BlockRead.Right() : new BlockRead.Wrong(wrongBytes);
  }
}
