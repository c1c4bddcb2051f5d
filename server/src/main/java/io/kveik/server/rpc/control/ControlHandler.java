package io.kveik.server.rpc.control;

import com.google.protobuf.Message;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.block.TtlKind;
import io.kveik.server.cache.BlockControl;
import io.kveik.server.cache.ControlOutcome;
import io.kveik.server.cache.ControlOutcome.ControlTally;
import io.kveik.server.cache.QueryOutcome;
import io.kveik.server.cache.Selector;
import io.kveik.server.rpc.call.BadRequest;
import io.kveik.server.rpc.call.CallContext;
import io.kveik.server.rpc.control.ControlAnswer.Kind;
import io.kveik.server.telemetry.Rpc;
import io.kveik.server.tenant.NamespaceKeys;
import io.kveik.wire.nativev1.BlockStatus;
import io.kveik.wire.nativev1.ControlResponse;
import io.kveik.wire.nativev1.DeleteRequest;
import io.kveik.wire.nativev1.Namespace;
import io.kveik.wire.nativev1.PinRequest;
import io.kveik.wire.nativev1.PrefetchBlocksRequest;
import io.kveik.wire.nativev1.QueryRequest;
import io.kveik.wire.nativev1.QueryResponse;
import io.kveik.wire.nativev1.SetEvictionPolicyRequest;
import io.kveik.wire.nativev1.SetPriorityRequest;
import io.kveik.wire.nativev1.SetTtlRequest;
import io.kveik.wire.nativev1.UnpinRequest;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * Does what control requests ask for, whatever wire they came by. Any thread; blocks none. Answers
 * complete on the caller's thread or one of {@link BlockControl}'s.
 */
final class ControlHandler {
  private static final String TIER = "tiers.";

  private final BlockControl control;
  private final ControlRules rules;
  private final CallContext calls;

  ControlHandler(BlockControl control, ControlRules rules, CallContext calls) {
    this.control = control;
    this.rules = rules;
    this.calls = calls;
  }

  /** What an operation is done to. */
  private record Target(Fingerprint namespace, Selector selector) {}

  /** One kind of request. */
  private interface Operation {
    CompletionStage<ControlAnswer> begin() throws BadRequest;
  }

  /**
   * Answers any request of the service.
   *
   * @param stop true once the caller no longer waits; any thread may ask it
   * @return never exceptional
   * @throws IllegalArgumentException for a message that is no request of the service
   */
  CompletionStage<ControlAnswer> handle(Message request, BooleanSupplier stop) {
    return switch (request) {
      case QueryRequest query -> answer(Rpc.QUERY, () -> query(query, stop));
      case DeleteRequest delete ->
          answer(
              Rpc.DELETE,
              () -> {
                Target target = target(delete.getNamespace(), delete.getSelector());
                return tallied(control.delete(target.namespace(), target.selector(), stop));
              });
      case SetPriorityRequest set ->
          answer(
              Rpc.SET_PRIORITY,
              () -> {
                Target target = target(set.getNamespace(), set.getSelector());
                int priority = rules.priority(set.getPriority());
                return tallied(
                    control.setPriority(target.namespace(), target.selector(), priority, stop));
              });
      case SetTtlRequest set ->
          answer(
              Rpc.SET_TTL,
              () -> {
                Target target = target(set.getNamespace(), set.getSelector());
                TtlKind kind = rules.ttlKind(set);
                long ttlMillis = rules.ttlMillis(set);
                return tallied(
                    control.setTtl(target.namespace(), target.selector(), kind, ttlMillis, stop));
              });
      case SetEvictionPolicyRequest set ->
          answer(
              Rpc.SET_EVICTION_POLICY,
              () -> {
                Fingerprint namespace = rules.namespace(set.getNamespace()).fingerprint();
                return tallied(
                    control.setEvictionPolicy(namespace, rules.evictionPolicy(set), stop));
              });
      case PrefetchBlocksRequest prefetch ->
          answer(
              Rpc.PREFETCH,
              () -> {
                Target target = target(prefetch.getNamespace(), prefetch.getSelector());
                return tallied(control.prefetch(target.namespace(), target.selector(), stop));
              });
      case PinRequest pin ->
          answer(
              Rpc.PIN,
              () -> {
                Target target = target(pin.getNamespace(), pin.getSelector());
                return tallied(control.pin(target.namespace(), target.selector(), stop));
              });
      case UnpinRequest unpin ->
          answer(
              Rpc.UNPIN,
              () -> {
                Target target = target(unpin.getNamespace(), unpin.getSelector());
                return tallied(control.unpin(target.namespace(), target.selector(), stop));
              });
      default -> throw new IllegalArgumentException(request.getDescriptorForType().getFullName());
    };
  }

  /** For a request that could not be read. */
  CompletionStage<ControlAnswer> refuse(Rpc rpc, BadRequest reason) {
    return answer(
        rpc,
        () -> {
          throw reason;
        });
  }

  private CompletionStage<ControlAnswer> answer(Rpc rpc, Operation operation) {
    long startNanos = calls.clock().nanoTime();
    CompletionStage<ControlAnswer> begun;
    try {
      begun = operation.begin();
    } catch (BadRequest e) {
      begun = CompletableFuture.completedFuture(new ControlAnswer.Refused(Kind.INVALID, e.text()));
    }
    return begun
        .exceptionally(ControlHandler::failed)
        .thenApply(answer -> {
          switch (answer) {
            case ControlAnswer.Done(_) -> calls.succeeded(rpc, "", startNanos, 0, 0, "done");
            case ControlAnswer.Refused(_, String text) -> calls.failed(rpc, "", startNanos, text);
          }
          return answer;
        });
  }

  private static ControlAnswer failed(Throwable cause) {
    Throwable reason = cause instanceof CompletionException e ? e.getCause() : cause;
    return new ControlAnswer.Refused(
        Kind.FAILED,
        reason instanceof IOException
            ? "it could not be recorded, so a restart may undo it: " + reason.getMessage()
            : "the server failed: " + reason);
  }

  private Target target(Namespace namespace, io.kveik.wire.nativev1.Selector selector)
      throws BadRequest {
    NamespaceKeys keys = rules.namespace(namespace);
    return new Target(keys.fingerprint(), rules.selector(namespace, keys, selector));
  }

  private CompletionStage<ControlAnswer> query(QueryRequest request, BooleanSupplier stop)
      throws BadRequest {
    Target target = target(request.getNamespace(), request.getSelector());
    return control
        .query(
            target.namespace(),
            target.selector(),
            rules.from(request),
            rules.pageBlocks(request),
            stop)
        .thenApply(outcome ->
            switch (outcome) {
              case QueryOutcome.Page page -> new ControlAnswer.Done(page(page));
              case QueryOutcome.Refused(String limit, String detail) -> refused(limit, detail);
            });
  }

  private static CompletionStage<ControlAnswer> tallied(CompletionStage<ControlOutcome> outcome) {
    Function<ControlOutcome, ControlAnswer> toAnswer =
        done ->
            switch (done) {
              case ControlOutcome.Done(ControlTally tally) ->
                  new ControlAnswer.Done(
                      ControlResponse.newBuilder()
                          .setMatched(tally.matched())
                          .setChanged(tally.changed())
                          .setBytes(tally.bytes())
                          .addAllOwingTiers(tally.owing())
                          .build());
              case ControlOutcome.Stopped(ControlTally tally) ->
                  new ControlAnswer.Refused(
                      Kind.STOPPED, "the caller's time was over" + done(tally));
              case ControlOutcome.Refused(String limit, String detail, ControlTally tally) ->
                  refused(limit, detail + done(tally));
            };
    return outcome.thenApply(toAnswer);
  }

  private static ControlAnswer refused(String limit, String detail) {
    return new ControlAnswer.Refused(
        limit.startsWith(TIER) ? Kind.UNAVAILABLE : Kind.EXHAUSTED, limit + ": " + detail);
  }

  private static String done(ControlTally tally) {
    return "; done with " + tally.changed() + " blocks";
  }

  private static QueryResponse page(QueryOutcome.Page page) {
    QueryResponse.Builder response = QueryResponse.newBuilder();
    page.blocks().forEach(block -> response.addBlocks(status(block)));
    page.next().ifPresent(next -> response.setNextPageToken(ControlRules.pageToken(next)));
    return response.build();
  }

  private static BlockStatus status(QueryOutcome.Detail block) {
    BlockStatus.Builder status =
        BlockStatus.newBuilder()
            .setLabel(block.label())
            .setDepth(block.depth())
            .addAllTiers(block.tiers())
            .setBytes(block.bytes())
            .setUses(block.uses())
            .setPriority(block.priority())
            .setPinned(block.pinned());
    block.ageMillis().ifPresent(status::setAgeMs);
    block.tokenCount().ifPresent(status::setTokenCount);
    switch (block.ttl()) {
      case QueryOutcome.Ttl.None() -> {}
      case QueryOutcome.Ttl.Waiting() -> status.setTtlKind(wire(TtlKind.FIRST_USE));
      case QueryOutcome.Ttl.Left(TtlKind kind, long millis) ->
          status.setTtlKind(wire(kind)).setTtlLeftMs(millis);
    }
    return status.build();
  }

  private static io.kveik.wire.nativev1.TtlKind wire(TtlKind kind) {
    return switch (kind) {
      case ABSOLUTE -> io.kveik.wire.nativev1.TtlKind.TTL_KIND_ABSOLUTE;
      case LAST_USE -> io.kveik.wire.nativev1.TtlKind.TTL_KIND_LAST_USE;
      case FIRST_USE -> io.kveik.wire.nativev1.TtlKind.TTL_KIND_FIRST_USE;
    };
  }
}
