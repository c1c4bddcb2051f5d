package io.kveik.server.tier.azure;

import com.azure.core.http.HttpClient;
import com.azure.core.http.HttpRequest;
import com.azure.core.http.HttpResponse;
import com.azure.core.util.Context;
import io.kveik.server.runtime.Clock;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import reactor.core.publisher.Mono;

/**
 * Calls from several source addresses in turn, so that all network interfaces carry their share. A
 * source that can't connect is left out for a while and the call goes on from the next: nothing of
 * it had been sent. When none can, the storage is down and not the sources, and the turn goes on as
 * if none were resting. Any thread, no locks.
 */
final class SourceRotation implements HttpClient {
  private static final class Source {
    private final String address;
    private final HttpClient client;
    private final LongAdder calls = new LongAdder();
    private final LongAdder connectFailures = new LongAdder();
    private volatile boolean failed;
    private volatile long failedNanos;

    Source(String address, HttpClient client) {
      this.address = address;
      this.client = client;
    }
  }

  private final List<Source> sources = new ArrayList<>();
  private final AtomicInteger turn = new AtomicInteger();
  private final Clock clock;
  private final long restNanos;
  private volatile boolean closed;

  SourceRotation(Clock clock, long restMillis) {
    this.clock = clock;
    this.restNanos = TimeUnit.MILLISECONDS.toNanos(restMillis);
  }

  /** Before the first call only. */
  void add(String address, HttpClient client) {
    sources.add(new Source(address, client));
  }

  List<SourceStatus> status() {
    return sources.stream()
        .map(source ->
            new SourceStatus(
                source.address, source.calls.sum(), source.connectFailures.sum(), rests(source)))
        .toList();
  }

  /** Refuses all further calls. */
  void close() {
    closed = true;
  }

  @Override
  public Mono<HttpResponse> send(HttpRequest request) {
    return send(request, Context.NONE);
  }

  @Override
  public Mono<HttpResponse> send(HttpRequest request, Context context) {
    return Mono.defer(() ->
        closed
            ? Mono.error(new IOException("the store is closed"))
            : send(inOrder(), 0, request, context).map(Answer::withoutErrorText));
  }

  private Mono<HttpResponse> send(
      List<Source> order, int index, HttpRequest request, Context context) {
    Source source = order.get(index);
    source.calls.increment();
    return source
        .client
        .send(request, context)
        .doOnNext(_ -> source.failed = false)
        .onErrorResume(
            NotConnectedException.class,
            failure -> {
              source.connectFailures.increment();
              source.failedNanos = clock.nanoTime();
              source.failed = true;
              return index + 1 < order.size()
                  ? send(order, index + 1, request, context)
                  : Mono.error(failure);
            });
  }

  /** Those at work in turn, then those that rest. */
  private List<Source> inOrder() {
    int count = sources.size();
    int first = Math.floorMod(turn.getAndIncrement(), count);
    List<Source> order = new ArrayList<>(count);
    List<Source> resting = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Source source = sources.get((first + i) % count);
      (rests(source) ? resting : order).add(source);
    }
    order.addAll(resting);
    return order;
  }

  private boolean rests(Source source) {
    return source.failed && clock.nanoTime() - source.failedNanos < restNanos;
  }
}
