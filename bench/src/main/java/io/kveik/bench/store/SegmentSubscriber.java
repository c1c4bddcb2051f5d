package io.kveik.bench.store;

import java.lang.foreign.MemorySegment;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

/**
 * Receives an HTTP body in memory of the caller, as it arrives. Its result is how long the body
 * was; what does not fit is counted and dropped.
 */
final class SegmentSubscriber implements BodySubscriber<Long> {
  private final MemorySegment into;
  private final CompletableFuture<Long> received = new CompletableFuture<>();
  private long bytes;

  SegmentSubscriber(MemorySegment into) {
    this.into = into;
  }

  @Override
  public CompletionStage<Long> getBody() {
    return received;
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    subscription.request(Long.MAX_VALUE);
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    for (ByteBuffer buffer : buffers) {
      long fits = Math.clamp(into.byteSize() - bytes, 0L, (long) buffer.remaining());
      MemorySegment.copy(MemorySegment.ofBuffer(buffer), 0, into, bytes, fits);
      bytes += buffer.remaining();
    }
  }

  @Override
  public void onError(Throwable cause) {
    received.completeExceptionally(cause);
  }

  @Override
  public void onComplete() {
    received.complete(bytes);
  }
}
