package io.kveik.server.tier.object;

import static io.kveik.server.tier.TestBlocks.assertHit;
import static io.kveik.server.tier.TestBlocks.put;
import static io.kveik.server.tier.TestBlocks.ref;
import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockRef;
import io.kveik.server.codec.CodecKind;
import io.kveik.server.memory.Slab;
import io.kveik.server.tier.FindOutcome;
import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.StoredBlock;
import io.kveik.server.tier.TestBlocks;
import java.net.URI;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What rots, shrinks, grows or changes places in the store is never served. */
class ObjectTierCorruptionTest {
  private static final String ROOT = "account/container/";

  private final Slab buffers = Slab.anonymous(8L << 20);
  private final MemoryBlobStore store = new MemoryBlobStore();
  private final TestContainers containers =
      new TestContainers(new BlobContainer("account", URI.create("memory:/"), "container"));
  private final ObjectTier tier = TestContainers.tier(store, containers);

  @AfterEach
  void close() {
    tier.close();
    assertThat(buffers.liveLeases()).isZero();
    buffers.close();
  }

  @ParameterizedTest
  @EnumSource(CodecKind.class)
  void detectsEveryFlipTruncationAndSwap(CodecKind codec) {
    try (ObjectTier coded = TestContainers.tier(store, containers, codec)) {
      detectsEveryFlipTruncationAndSwap(coded);
    }
  }

  private void detectsEveryFlipTruncationAndSwap(ObjectTier tier) {
    SplittableRandom random = new SplittableRandom(TestBlocks.seed("ObjectTierCorruptionTest"));
    int injections = 10_000;
    int[] detected = new int[4];
    for (int i = 0; i < injections; i++) {
      long number = i;
      put(tier, buffers::allocate, number, 1, 1 + random.nextInt(3_000), random.nextInt(100));
      String place = ROOT + ObjectBlobDescriptor.path(ref(number));
      MemoryBlobStore.Blob good = blobAt(place);
      int kind = random.nextInt(4);
      store.blobs().put(place, harmed(tier, good, kind, random));
      switch (tier.get(ref(number), buffers::allocate)) {
        case GetOutcome.Hit(StoredBlock block) -> {
          block.close();
          throw new AssertionError("served, injection " + i + " of kind " + kind);
        }
        case GetOutcome.Corrupt _ -> detected[kind]++;
        case GetOutcome other -> throw new AssertionError(other);
      }
      assertThat(store.blobs()).doesNotContainKey(place);
      if (i % 500 == 0) {
        store.blobs().clear();
      }
    }
    System.out.printf(
        "ObjectTierCorruptionTest: %d injections (body flips %d, truncated or extended %d, header"
            + " flips %d, swapped %d), all detected, none served%n",
        injections, detected[0], detected[1], detected[2], detected[3]);
    assertThat(Arrays.stream(detected).sum()).isEqualTo(injections);
    assertThat(tier.quarantinedTotal()).isEqualTo(injections);
    assertThat(tier.usage().blocks()).isZero();
  }

  private MemoryBlobStore.Blob harmed(
      ObjectTier tier, MemoryBlobStore.Blob good, int kind, SplittableRandom random) {
    byte[] body = good.body().clone();
    return switch (kind) {
      case 0 -> {
        body[random.nextInt(body.length)] ^= (byte) (1 << random.nextInt(8));
        yield new MemoryBlobStore.Blob(good.metadata(), body);
      }
      case 1 -> {
        int length = random.nextInt(2 * body.length);
        yield new MemoryBlobStore.Blob(
            good.metadata(), Arrays.copyOf(body, length == body.length ? length + 1 : length));
      }
      case 2 -> {
        byte[] header =
            Base64.getUrlDecoder().decode(good.metadata().get(ObjectBlobDescriptor.METADATA_NAME));
        header[random.nextInt(160)] ^= (byte) (1 << random.nextInt(8));
        yield new MemoryBlobStore.Blob(metadata(header), body);
      }
      default -> {
        long other = 1_000_000L + random.nextInt(1_000);
        put(tier, buffers::allocate, other, 1, 100, 0);
        String place = ROOT + ObjectBlobDescriptor.path(ref(other));
        MemoryBlobStore.Blob swapped = blobAt(place);
        tier.remove(ref(other));
        yield swapped;
      }
    };
  }

  /**
   * The encoding in the metadata has its checksum in common with the body: a flip there is found
   * with it, or makes the blob one of a later version, which is absent and left alone.
   */
  @Test
  void aFlipInTheEncodingIsNeverServed() {
    SplittableRandom random = new SplittableRandom(TestBlocks.seed("flips in encodings"));
    int corrupt = 0;
    int absent = 0;
    try (ObjectTier coded = TestContainers.tier(store, containers, CodecKind.ZSTD)) {
      for (long i = 0; i < 3_000; i++) {
        put(coded, buffers::allocate, i, 1, random.nextInt(200, 3_000), 5);
        String place = ROOT + ObjectBlobDescriptor.path(ref(i));
        MemoryBlobStore.Blob good = blobAt(place);
        byte[] header =
            Base64.getUrlDecoder().decode(good.metadata().get(ObjectBlobDescriptor.METADATA_NAME));
        header[160 + random.nextInt(16)] ^= (byte) (1 << random.nextInt(8));
        store.blobs().put(place, new MemoryBlobStore.Blob(metadata(header), good.body()));
        switch (coded.get(ref(i), buffers::allocate)) {
          case GetOutcome.Corrupt _ -> corrupt++;
          case GetOutcome.Absent() -> absent++;
          case GetOutcome other -> throw new AssertionError(other);
        }
      }
    }
    assertThat(corrupt).isPositive();
    assertThat(absent).isPositive();
  }

  @Test
  void aBlobOfAnotherNamespaceUnderTheSameKeyIsCorrupt() {
    BlockHeader header = TestBlocks.header(1, 1, 100, 0);
    put(tier, buffers::allocate, 1, 1, 100, 0);
    MemoryBlobStore.Blob blob = blobAt(ROOT + ObjectBlobDescriptor.path(header.ref()));
    var elsewhere = new BlockRef(ref(2).namespace(), header.key());
    store.blobs().put(ROOT + ObjectBlobDescriptor.path(elsewhere), blob);
    assertThat(tier.get(elsewhere, buffers::allocate)).isInstanceOf(GetOutcome.Corrupt.class);
    assertHit(tier.get(ref(1), buffers::allocate), 1, 1);
  }

  @Test
  void keepsACopyAsideUpToTheLimit() {
    for (int number = 0; number < 15; number++) {
      put(tier, buffers::allocate, number, 1, 1_000, 0);
      rot(number);
      assertThat(tier.get(ref(number), buffers::allocate)).isInstanceOf(GetOutcome.Corrupt.class);
      assertThat(tier.get(ref(number), buffers::allocate)).isEqualTo(new GetOutcome.Absent());
    }
    assertThat(store.blobs().keySet())
        .hasSize(10)
        .allMatch(place -> place.startsWith(ROOT + "quarantine/b1/"));
    assertThat(tier.quarantinedTotal()).isEqualTo(15);
  }

  @Test
  void findCondemnsAnUnsoundHeader() {
    put(tier, buffers::allocate, 1, 1, 1_000, 0);
    String place = ROOT + ObjectBlobDescriptor.path(ref(1));
    store.blobs().put(place, new MemoryBlobStore.Blob(Map.of(), blobAt(place).body()));
    assertThat(tier.find(ref(1))).isEqualTo(new FindOutcome.Absent());
    assertThat(store.blobs()).doesNotContainKey(place);
  }

  @Test
  void findCondemnsNothingOnAnAnswerThatAFetchDoesNotBearOut() {
    put(tier, buffers::allocate, 1, 1, 1_000, 0);
    String place = ROOT + ObjectBlobDescriptor.path(ref(1));
    MemoryBlobStore.Blob good = blobAt(place);
    store.blobs().put(place, new MemoryBlobStore.Blob(Map.of(), good.body()));
    // By the time of the fetch the store tells the truth again.
    store.setFaults(call -> {
      if (call.equals("get")) {
        store.blobs().put(place, good);
      }
      return null;
    });
    assertThat(tier.find(ref(1))).isInstanceOf(FindOutcome.Failed.class);
    assertHit(tier.get(ref(1), buffers::allocate), 1, 1);
    assertThat(tier.quarantinedTotal()).isZero();
  }

  @Test
  void aLaterVersionsEncodingIsLeftAlone() {
    put(tier, buffers::allocate, 1, 1, 1_000, 0);
    String place = ROOT + ObjectBlobDescriptor.path(ref(1));
    byte[] header =
        Base64.getUrlDecoder()
            .decode(blobAt(place).metadata().get(ObjectBlobDescriptor.METADATA_NAME));
    header[160] = 2;
    store.blobs().put(place, new MemoryBlobStore.Blob(metadata(header), new byte[10]));
    assertThat(tier.get(ref(1), buffers::allocate)).isEqualTo(new GetOutcome.Absent());
    assertThat(tier.find(ref(1))).isEqualTo(new FindOutcome.Absent());
    assertThat(store.blobs()).containsKey(place);
    assertThat(tier.quarantinedTotal()).isZero();
  }

  @Test
  void anUnknownNamespaceIsOutOfReach() {
    ObjectTier lost = TestContainers.tier(store, namespace -> Optional.empty());
    assertThat(put(lost, buffers::allocate, 1, 1, 100, 0))
        .hasToString("Failed[reason=put: no storage account is known for the namespace]");
    assertThat(lost.get(ref(1), buffers::allocate)).isEqualTo(new GetOutcome.Absent());
    assertThat(lost.find(ref(1))).isEqualTo(new FindOutcome.Absent());
    assertThat(lost.remove(ref(1))).isFalse();
  }

  private void rot(long number) {
    MemoryBlobStore.Blob blob = blobAt(ROOT + ObjectBlobDescriptor.path(ref(number)));
    blob.body()[17] ^= 4;
  }

  private MemoryBlobStore.Blob blobAt(String place) {
    MemoryBlobStore.Blob blob = store.blobs().get(place);
    if (blob == null) {
      throw new AssertionError("no blob at " + place);
    }
    return blob;
  }

  private static Map<String, String> metadata(byte[] header) {
    return Map.of(
        ObjectBlobDescriptor.METADATA_NAME,
        Base64.getUrlEncoder().withoutPadding().encodeToString(header));
  }
}
