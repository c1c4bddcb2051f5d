package io.kveik.server.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What is scraped. */
class MetersTest {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  @Test
  void figuresSurviveAGarbageCollection() {
    try (Meters meters = new Meters("", "")) {
      AtomicLong figure = new AtomicLong(41);
      meters
          .of(() -> new long[] {figure.get()})
          .labelled("tier", "dram")
          .gauge("kveik.test.now", "A gauge.", status -> status[0])
          .counter("kveik.test.total", "A counter.", status -> status[0]);
      figure.incrementAndGet();
      WeakReference<Object> collected = new WeakReference<>(new Object());
      Awaitility.await()
          .until(() -> {
            System.gc();
            return collected.get() == null;
          });
      assertThat(meters.scrape())
          .contains("kveik_test_now{tier=\"dram\"} 42.0")
          .contains("kveik_test_total{tier=\"dram\"} 42.0");
    }
  }

  @Test
  void requestsAreCountedUnderTheOriginalsNames() {
    try (Meters meters = new Meters("", "")) {
      RpcMeters rpc = meters.rpc();
      rpc.record(Rpc.READ, true, 2_000_000, 500_000, 1_228_800);
      rpc.record(Rpc.READ, false, 1_000, 0, 0);
      assertThat(meters.scrape())
          .contains("kvstore_rpc_requests_total{method=\"Read\",success=\"true\"} 1.0")
          .contains("kvstore_rpc_requests_total{method=\"Read\",success=\"false\"} 1.0")
          .contains("kvstore_rpc_latency_seconds_count{method=\"Read\"} 2")
          .contains("kvstore_storage_latency_seconds_count{method=\"Read\"} 2")
          .contains("kvstore_rpc_overhead_seconds_count{method=\"Read\"} 2");
      assertThat(rpc.payloadBytes(Rpc.READ)).isEqualTo(1_228_800);
    }
  }

  @Test
  void exportsToAnOtlpEndpointWithTheKey() throws Exception {
    List<String> bodies = new CopyOnWriteArrayList<>();
    HttpServer collector = HttpServer.create(new InetSocketAddress(LOOPBACK, 0), 4);
    collector.createContext(
        "/v1/metrics",
        exchange -> {
          byte[] body = exchange.getRequestBody().readAllBytes();
          bodies.add(new String(body, StandardCharsets.ISO_8859_1));
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    collector.start();
    try {
      int port = collector.getAddress().getPort();
      Meters meters = new Meters("http://localhost:" + port + "/v1/metrics", "key-123");
      meters.rpc().record(Rpc.LOOKUP, true, 3_000_000, 1_000_000, 0);
      meters.close();
      assertThat(bodies).isNotEmpty();
      assertThat(bodies.getLast())
          .contains("kvstore.rpc.latency")
          .contains("kvstore.storage.latency")
          .contains("kvstore.rpc.overhead")
          .contains("kvstore.rpc.requests")
          .contains("Lookup")
          .contains("key-123");
    } finally {
      collector.stop(0);
    }
  }
}
