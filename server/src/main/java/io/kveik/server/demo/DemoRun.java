package io.kveik.server.demo;

import static io.kveik.client.KveikClient.BLOCK_TOKENS;

import io.kveik.client.KveikClient;
import io.kveik.server.runtime.Clock;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The demo from its first turn to its last: three tenants take turns, the server is killed half-way
 * and started again on what it left on disk, and every tenant tries to see the others' blocks. One
 * thread.
 */
final class DemoRun {
  private static final long SURVIVORS_LIMIT_NANOS = Duration.ofSeconds(10).toNanos();
  private static final double NANOS_PER_MILLI = 1e6;

  private final DemoOptions options;
  private final Progress progress;
  private final Clock clock;
  private long spiedBlocks;
  private long acrossTenants;

  DemoRun(DemoOptions options, Progress progress, Clock clock) {
    this.options = options;
    this.progress = progress;
    this.clock = clock;
  }

  /** The tenants; the first two have the very same system prompt. */
  static List<Script> scripts() throws IOException {
    return List.of(
        new Script("hearth", Conversation.load("kitchen-handbook", "bread")),
        new Script("ladle", Conversation.load("kitchen-handbook", "supper")),
        new Script("ledger", Conversation.load("review-handbook", "review")));
  }

  /** Who says what. */
  record Script(String tenant, Conversation conversation) {
    int blocks(int turns) {
      return new PromptTokens(conversation).promptAndAnswer(turns - 1).length / BLOCK_TOKENS;
    }
  }

  /**
   * Runs it.
   *
   * @param server not started yet; stays the caller's to close
   */
  DemoResult run(List<Script> scripts, DemoServer server) throws IOException {
    long startNanos = clock.nanoTime();
    int blocks = scripts.stream().mapToInt(one -> one.blocks(options.turns())).max().orElseThrow();
    try (KvMemory memory = new KvMemory(blocks, options.blockBytes())) {
      List<TenantRun> tenants = new ArrayList<>();
      for (Script script : scripts) {
        tenants.add(new TenantRun(script.tenant(), script.conversation(), memory, clock));
      }
      KveikClient client = start(server, "server started");
      for (int turn = 0; turn < options.turns(); turn++) {
        if (turn == options.turnsBeforeKill()) {
          client = killAndRestart(server, tenants);
        }
        hold(turn, tenants, client);
      }
      for (TenantRun spy : tenants) {
        for (TenantRun other : tenants) {
          spy(spy, other, client);
        }
      }
      return new DemoResult(
          options,
          tenants.stream()
              .map(one -> new DemoResult.Tenant(one.name(), one.conversation().name(), one.stats()))
              .toList(),
          spiedBlocks,
          acrossTenants,
          clock.nanoTime() - startNanos);
    }
  }

  private KveikClient start(DemoServer server, String what) throws IOException {
    progress.now(0, 1, what.startsWith("server") ? "starting the server" : "starting it again");
    long startNanos = clock.nanoTime();
    KveikClient client = server.start();
    progress.event(
        "%s, process %d, ready after %.0f ms",
        what, server.pid(), (clock.nanoTime() - startNanos) / NANOS_PER_MILLI);
    return client;
  }

  private void hold(int turn, List<TenantRun> tenants, KveikClient client) {
    for (int i = 0; i < tenants.size(); i++) {
      TenantRun tenant = tenants.get(i);
      TenantRun.Turn held = tenant.hold(turn, client);
      progress.now(
          (long) turn * tenants.size() + i + 1,
          (long) options.turns() * tenants.size(),
          String.format(
              Locale.ROOT,
              "turn %d/%d  %-6s  %2d blocks restored, %2d written",
              turn + 1,
              options.turns(),
              tenant.name(),
              held.restored(),
              held.written()));
      if (turn == 0 && i == 0) {
        // The next tenant has the same system prompt and has written nothing yet.
        spy(tenants.get(1), tenant, client);
      }
    }
  }

  private KveikClient killAndRestart(DemoServer server, List<TenantRun> tenants)
      throws IOException {
    long pid = server.pid();
    server.kill();
    progress.event("kill -9 %d: the server is gone, half-way through", pid);
    KveikClient client = start(server, "restarted on the same directory");
    long promised = 0;
    long survived = 0;
    long others = 0;
    long othersSurvived = 0;
    for (TenantRun tenant : tenants) {
      tenant.countSurvivors(client, SURVIVORS_LIMIT_NANOS);
      promised += tenant.stats().sharedBeforeKill;
      survived += tenant.stats().sharedSurvived;
      others += tenant.stats().othersBeforeKill;
      othersSurvived += tenant.stats().othersSurvived;
    }
    progress.event(
        "survived: %d of %d blocks acknowledged at shared, %d of %d at memory",
        survived, promised, othersSurvived, others);
    return client;
  }

  private void spy(TenantRun spy, TenantRun other, KveikClient client) {
    if (spy == other) {
      return;
    }
    acrossTenants += spy.spyOn(other, client);
    spiedBlocks += other.history().length / BLOCK_TOKENS;
  }
}
