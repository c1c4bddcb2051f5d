package io.kveik.server.tier.azure;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.tier.azure.SourceAddresses.Nic;
import io.kveik.server.tier.object.BlobContainer;
import io.kveik.server.tier.object.BlobName;
import io.kveik.server.tier.object.BlobOutcome;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Several source addresses; which of them a call came from is what the server saw. */
class MultiNicTest {
  private static final long TIMEOUT_MILLIS = 20_000;
  private static final List<InetAddress> THREE =
      Stream.of("127.0.0.1", "127.0.0.2", "127.0.0.3").map(InetAddress::ofLiteral).toList();

  private static Azurite azurite;

  @BeforeAll
  static void start() throws Exception {
    azurite = Azurite.http();
  }

  @AfterAll
  static void stop() throws Exception {
    if (azurite != null) {
      azurite.close();
    }
  }

  @ParameterizedTest
  @EnumSource(AzureOptions.Stack.class)
  void sourcesShareTheCalls(AzureOptions.Stack stack) throws Exception {
    int calls = 300;
    try (AzureBlobStore store = TestStores.open(TestStores.options().with(stack).from(THREE))) {
      BlobContainer container = azurite.newContainer();
      assertThat(put(store, container, "first")).isEqualTo(new BlobOutcome.Created());
      int before = azurite.clients().size();
      List<Callable<BlobOutcome>> tasks = new ArrayList<>();
      for (int i = 0; i < calls; i++) {
        BlobName blob = new BlobName(container, i % 3 == 0 ? "first" : "no" + i);
        tasks.add(() -> store.head(blob, TIMEOUT_MILLIS));
      }
      try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
        for (Future<BlobOutcome> outcome : threads.invokeAll(tasks)) {
          assertThat(outcome.get()).isNotInstanceOf(BlobOutcome.Failed.class);
        }
      }
      Map<String, Long> shares = seen(before, calls);
      System.out.println("share of calls per source address (" + stack + "): " + shares);
      assertThat(shares).containsOnlyKeys("127.0.0.1", "127.0.0.2", "127.0.0.3");
      assertThat(shares.values())
          .allSatisfy(count -> assertThat(count).isBetween(calls * 3L / 10, calls * 11L / 30));
      assertThat(store.sources()).extracting(SourceStatus::connectFailures).containsOnly(0L);
    }
  }

  @ParameterizedTest
  @EnumSource(AzureOptions.Stack.class)
  void aSourceThatCannotConnectIsLeftOut(AzureOptions.Stack stack) throws Exception {
    List<InetAddress> sources = List.of(THREE.get(0), TestStores.NOT_OURS.getFirst(), THREE.get(2));
    try (AzureBlobStore store = TestStores.open(TestStores.options().with(stack).from(sources))) {
      BlobContainer container = azurite.newContainer();
      for (int i = 0; i < 30; i++) {
        assertThat(put(store, container, "b" + i)).isEqualTo(new BlobOutcome.Created());
      }
      assertThat(store.sources())
          .extracting(SourceStatus::resting)
          .containsExactly(false, true, false);
      assertThat(store.sources().get(1)).isEqualTo(new SourceStatus("192.0.2.1", 1, 1, true));
      assertThat(store.sources().get(0).calls() + store.sources().get(2).calls())
          .isBetween(30L, 33L);
    }
  }

  @Test
  void takesTheFirstUsableAddressOfEachDevice() {
    InetAddress one = InetAddress.ofLiteral("10.0.0.4");
    InetAddress two = InetAddress.ofLiteral("10.0.1.4");
    InetAddress six = InetAddress.ofLiteral("fe80::1");
    Nic first = new Nic(true, false, true, List.of(six, one));
    Nic second = new Nic(true, false, true, List.of(two, InetAddress.ofLiteral("10.0.1.5")));
    Nic down = new Nic(false, false, true, List.of(InetAddress.ofLiteral("10.0.2.4")));
    Nic bridge = new Nic(true, false, false, List.of(InetAddress.ofLiteral("172.17.0.1")));
    Nic loopback = new Nic(true, true, true, List.of(THREE.getFirst()));
    assertThat(SourceAddresses.of(Stream.of(loopback, first, down, bridge, second)))
        .containsExactly(one, two);
    assertThat(SourceAddresses.of(Stream.of(loopback, first, bridge))).isEmpty();
  }

  private static BlobOutcome put(AzureBlobStore store, BlobContainer container, String path) {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment body = arena.allocate(100);
      return store.put(new BlobName(container, path), Map.of(), body, TIMEOUT_MILLIS);
    }
  }

  /** The client addresses of the requests after those; the log may lag behind the answers. */
  private static Map<String, Long> seen(int before, int calls) throws InterruptedException {
    for (int i = 0; i < 200 && azurite.clients().size() < before + calls; i++) {
      Thread.sleep(50);
    }
    List<String> clients = azurite.clients();
    return clients.subList(before, clients.size()).stream()
        .collect(Collectors.groupingBy(Function.identity(), TreeMap::new, Collectors.counting()));
  }
}
