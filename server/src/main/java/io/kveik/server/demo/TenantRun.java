package io.kveik.server.demo;

import static io.kveik.client.KveikClient.BLOCK_TOKENS;

import io.kveik.client.AckLevel;
import io.kveik.client.BlockRef;
import io.kveik.client.BlockScope;
import io.kveik.client.BlockWrite;
import io.kveik.client.ChainLabels;
import io.kveik.client.KveikClient;
import io.kveik.client.LookupResult;
import io.kveik.client.WriteResult;
import io.kveik.server.runtime.Clock;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One tenant and its conversation: plays the inference engine. Each turn looks the prompt up,
 * restores the prefix that is found, checks every byte of it, computes the rest, and writes the new
 * blocks. One thread.
 *
 * <p>The blocks of the system prompt, with which every conversation of the tenant begins, are
 * written at ack {@code shared}; all others at the server's default.
 */
final class TenantRun {
  private static final String CONTAINER = "kv";

  private final String name;
  private final Conversation conversation;
  private final PromptTokens prompts;
  private final BlockScope scope;
  private final KvPayload payload;
  private final KvMemory memory;
  private final Clock clock;
  private final int systemBlocks;
  private final TenantStats stats = new TenantStats();
  private final Map<Long, AckLevel> acknowledged = new HashMap<>();
  private long[] history = new long[0];

  TenantRun(String name, Conversation conversation, KvMemory memory, Clock clock) {
    this.name = name;
    this.conversation = conversation;
    this.prompts = new PromptTokens(conversation);
    this.scope = new BlockScope(name, CONTAINER, "demo-" + memory.blockBytes());
    this.payload = new KvPayload(name);
    this.memory = memory;
    this.clock = clock;
    this.systemBlocks = prompts.system().length / BLOCK_TOKENS;
  }

  String name() {
    return name;
  }

  Conversation conversation() {
    return conversation;
  }

  BlockScope scope() {
    return scope;
  }

  TenantStats stats() {
    return stats;
  }

  /** All tokens up to the last answer. */
  long[] history() {
    return history.clone();
  }

  /** What a turn came to, in blocks. */
  record Turn(int restored, int written) {}

  /**
   * Holds one turn.
   *
   * @param turn from 0
   */
  Turn hold(int turn, KveikClient client) {
    long[] prompt = prompts.prompt(turn);
    long startNanos = clock.nanoTime();
    LookupResult found = client.lookup(scope, prompt);
    stats.lookups.record(clock.nanoTime() - startNanos);
    int restored = restore(client, found.blocks(), ChainLabels.chain(prompt));
    stats.turns++;
    stats.promptTokens += prompt.length;
    stats.restoredTokens += (long) restored * BLOCK_TOKENS;
    stats.bytesRestored += (long) restored * memory.blockBytes();

    history = prompts.promptAndAnswer(turn);
    long[] labels = ChainLabels.chain(history);
    for (int i = restored; i < labels.length; i++) {
      write(client, labels, i);
    }
    return new Turn(restored, labels.length - restored);
  }

  /**
   * Reads blocks to the KV memory as fast as they come, then checks every byte of each.
   *
   * @return how many blocks from the first one on have arrived
   */
  private int restore(KveikClient client, List<BlockRef> refs, long[] labels) {
    int[] arrived = {0};
    long[] lastNanos = {clock.nanoTime()};
    client.readAll(
        scope,
        refs,
        (i, block) -> {
          if (block.isPresent() && i == arrived[0]) {
            if (block.get().length() == memory.blockBytes()) {
              block.get().copyTo(memory.block(i));
            } else {
              memory.block(i).fill((byte) 0); // what can't be the block fails the check
            }
            arrived[0]++;
          }
          long now = clock.nanoTime();
          stats.reads.record(now - lastNanos[0]);
          lastNanos[0] = now;
        });
    for (int i = 0; i < arrived[0]; i++) {
      stats.wrongBytes += payload.wrongBytes(memory.block(i), labels[i], memory.scratch());
    }
    stats.bytesChecked += (long) arrived[0] * memory.blockBytes();
    return arrived[0];
  }

  private void write(KveikClient client, long[] labels, int i) {
    MemorySegment kv = memory.block(i);
    payload.fill(kv, labels[i]);
    long[] tokens = Arrays.copyOfRange(history, i * BLOCK_TOKENS, (i + 1) * BLOCK_TOKENS);
    BlockWrite block =
        BlockWrite.builder(labels[i], i == 0 ? 0 : labels[i - 1], tokens, kv)
            .ackLevel(i < systemBlocks ? AckLevel.SHARED : AckLevel.UNSPECIFIED)
            .completionId(conversation.name())
            .build();
    long startNanos = clock.nanoTime();
    WriteResult result = client.write(scope, block);
    stats.writes.record(clock.nanoTime() - startNanos);
    stats.bytesWritten += memory.blockBytes();
    acknowledged.put(labels[i], result.ackLevel());
    stats.sharedAsked += i < systemBlocks ? 1 : 0;
  }

  /** How many of the blocks acknowledged at {@code shared} lie in a prefix of that many blocks. */
  private long shared(long[] labels, int blocks) {
    return Arrays.stream(labels, 0, blocks)
        .filter(label -> acknowledged.get(label) == AckLevel.SHARED)
        .count();
  }

  private long others(long[] labels, int blocks) {
    return Arrays.stream(labels, 0, blocks).filter(acknowledged::containsKey).count()
        - shared(labels, blocks);
  }

  /**
   * Counts, after a kill, what is still there, and checks every byte of it. A server that has just
   * started may still be finding its blocks, so a lookup that falls short is made again.
   *
   * @param limitNanos how long to go on asking for what was acknowledged at {@code shared}
   */
  void countSurvivors(KveikClient client, long limitNanos) {
    long[] labels = ChainLabels.chain(history);
    long promised = shared(labels, labels.length);
    long endNanos = clock.nanoTime() + limitNanos;
    LookupResult found = client.lookup(scope, history);
    while (shared(labels, found.cachedBlocks()) < promised && clock.nanoTime() < endNanos) {
      Thread.onSpinWait();
      found = client.lookup(scope, history);
    }
    int survived = restore(client, found.blocks(), labels);
    stats.sharedBeforeKill += promised;
    stats.sharedSurvived += shared(labels, survived);
    stats.othersBeforeKill += others(labels, labels.length);
    stats.othersSurvived += others(labels, survived);
  }

  /**
   * Tries to see blocks of another tenant by its exact tokens and by the very locations of its
   * blocks.
   *
   * @return blocks that were seen: found or read, and not this tenant's own
   */
  long spyOn(TenantRun other, KveikClient client) {
    long[] labels = ChainLabels.chain(other.history);
    LookupResult found = client.lookup(scope, other.history);
    long[] own = {0};
    client.readAll(
        scope,
        found.blocks(),
        (i, block) -> {
          if (block.isPresent()
              && payload.wrongBytes(block.get().wrapPayload(), labels[i], memory.scratch()) == 0) {
            own[0]++;
          }
        });
    long[] stolen = {0};
    List<BlockRef> theirs = client.lookup(other.scope, other.history).blocks();
    client.readAll(scope, theirs, (i, block) -> stolen[0] += block.isPresent() ? 1 : 0);
    return found.cachedBlocks() - own[0] + stolen[0];
  }
}
