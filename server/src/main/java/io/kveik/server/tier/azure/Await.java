package io.kveik.server.tier.azure;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/** Waits on a thread that may block for what the network's threads bring. Stateless. */
final class Await {
  private Await() {}

  /** Waits; what is not there in time is cancelled. */
  static <T> @Nullable T result(Mono<T> call, long timeoutMillis)
      throws ExecutionException, TimeoutException, InterruptedException {
    return result(call, timeoutMillis, _ -> {});
  }

  /**
   * Waits; what is not there in time is cancelled.
   *
   * @param late takes a result that arrives when nobody waits any more
   * @return null when the call ends without a result
   */
  static <T> @Nullable T result(Mono<T> call, long timeoutMillis, Consumer<T> late)
      throws ExecutionException, TimeoutException, InterruptedException {
    CompletableFuture<@Nullable T> answer = new CompletableFuture<>();
    // doOnNext runs even after a cancellation has overtaken the result; a subscriber would not.
    Disposable subscription =
        call.doOnNext(
                value -> {
                  if (!answer.complete(value)) {
                    late.accept(value);
                  }
                })
            .subscribe(_ -> {}, answer::completeExceptionally, () -> answer.complete(null));
    try {
      return answer.get(Math.max(1, timeoutMillis), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | InterruptedException e) {
      if (!answer.completeExceptionally(e) && !answer.isCompletedExceptionally()) {
        T value = answer.getNow(null);
        if (value != null) {
          late.accept(value);
        }
      }
      throw e;
    } finally {
      subscription.dispose();
    }
  }
}
