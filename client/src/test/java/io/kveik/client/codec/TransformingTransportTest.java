package io.kveik.client.codec;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kveik.client.AckLevel;
import io.kveik.client.data.BlockTransport;
import io.kveik.client.data.LoadItem;
import io.kveik.client.data.LoadResult;
import io.kveik.client.data.StoreItem;
import io.kveik.client.data.StoreResult;
import io.kveik.client.data.TransportException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TransformingTransportTest {
  private static final Duration LONG = Duration.ofMinutes(1);
  private static final PayloadTransform FP16 = PayloadTransform.lowerTo(Precision.FP16);
  private static final float[] NUMBERS = {1, -2.5f, 0, 65_504, 0.1f, 3e-5f};

  private final MapTransport map = new MapTransport();

  @Test
  void lowersAndRestores() throws Exception {
    TransformingTransport transport = new TransformingTransport(map, FP16);
    store(transport, 1, NUMBERS);
    assertThat(map.bytesOf(1)).isEqualTo(NUMBERS.length * 2);
    float[] target = new float[NUMBERS.length + 3];
    LoadResult result = load(transport, LoadItem.whole(id(1), MemorySegment.ofArray(target)));
    assertThat(result.status()).isEqualTo(LoadResult.Status.FOUND);
    assertThat(result.bytes()).isEqualTo(NUMBERS.length * 4);
    assertThat(result.blockBytes()).isEqualTo(NUMBERS.length * 4);
    assertThat(result.tokenCount()).isEqualTo(16);
    for (int i = 0; i < NUMBERS.length; i++) {
      assertThat(target[i]).isEqualTo(Float.float16ToFloat(Float.floatToFloat16(NUMBERS[i])));
    }
  }

  @Test
  void compressedItComesBackToo() throws Exception {
    for (PayloadTransform transform : List.of(FP16.andGzip(), PayloadTransform.none().andGzip())) {
      TransformingTransport transport = new TransformingTransport(map, transform);
      map.blocks.clear();
      MemorySegment payload = MemorySegment.ofArray(new byte[40_000]);
      payload.set(JAVA_FLOAT_UNALIGNED, 308, 1.5f);
      assertThat(transport.store(List.of(item(1, payload)), LONG)).allMatch(StoreResult::inStore);
      assertThat(map.bytesOf(1)).isLessThan(1_000);
      MemorySegment target = MemorySegment.ofArray(new byte[40_003]);
      LoadResult result = load(transport, LoadItem.whole(id(1), target));
      assertThat(result.bytes()).isEqualTo(40_000);
      assertThat(result.blockBytes()).isEqualTo(40_000);
      assertThat(target.asSlice(0, 40_000).mismatch(payload)).isEqualTo(-1);
    }
  }

  @Test
  void aPartIsTheSamePart() throws Exception {
    TransformingTransport transport = new TransformingTransport(map, FP16);
    store(transport, 1, NUMBERS);
    float[] target = new float[2];
    assertThat(load(transport, new LoadItem(id(1), 4, 8, MemorySegment.ofArray(target))).bytes())
        .isEqualTo(8);
    assertThat(target).containsExactly(-2.5f, 0);
  }

  @Test
  void partsWithoutACounterpartAreRefused() {
    TransformingTransport lowering = new TransformingTransport(map, FP16);
    TransformingTransport compressing = new TransformingTransport(map, FP16.andGzip());
    MemorySegment target = MemorySegment.ofArray(new float[2]);
    assertThatThrownBy(() -> load(lowering, new LoadItem(id(1), 2, 8, target)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("offset=2, length=8: both must be multiples of 4");
    assertThatThrownBy(() -> load(compressing, new LoadItem(id(1), 4, 8, target)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("can only be loaded as a whole");
  }

  @Test
  void aTargetThatIsTooSmallIsSaid() throws Exception {
    for (PayloadTransform transform : List.of(FP16, FP16.andGzip())) {
      TransformingTransport transport = new TransformingTransport(map, transform);
      map.blocks.clear();
      store(transport, 1, new float[1_000]);
      MemorySegment target = MemorySegment.ofArray(new float[999]);
      assertThat(load(transport, LoadItem.whole(id(1), target)).status())
          .isEqualTo(LoadResult.Status.TARGET_TOO_SMALL);
    }
  }

  @Test
  void whatIsNotThereIsNotThere() throws Exception {
    TransformingTransport transport = new TransformingTransport(map, FP16.andGzip());
    MemorySegment target = MemorySegment.ofArray(new float[2]);
    assertThat(load(transport, LoadItem.whole(id(1), target)))
        .returns(LoadResult.Status.ABSENT, LoadResult::status)
        .returns(0, LoadResult::bytes);
  }

  /** What another client may have stored under this dtype. */
  @Test
  void bytesThatAreNoStoredFormAreDamaged() throws Exception {
    map.blocks.put(name(1), new byte[] {1, 2, 3});
    for (PayloadTransform transform : List.of(FP16, FP16.andGzip())) {
      TransformingTransport transport = new TransformingTransport(map, transform);
      MemorySegment target = MemorySegment.ofArray(new float[2]);
      assertThat(load(transport, LoadItem.whole(id(1), target)).status())
          .isEqualTo(LoadResult.Status.DAMAGED);
    }
  }

  /** Others of the call are stored. */
  @Test
  void aPayloadOfNoWholeNumbersIsInvalid() throws Exception {
    TransformingTransport transport = new TransformingTransport(map, FP16);
    List<StoreResult> results =
        transport.store(
            List.of(
                item(1, MemorySegment.ofArray(new byte[8])),
                item(2, MemorySegment.ofArray(new byte[7])),
                item(3, MemorySegment.ofArray(new byte[0])),
                item(4, MemorySegment.ofArray(new byte[4]))),
            LONG);
    assertThat(results.stream().map(StoreResult::status))
        .containsExactly(
            StoreResult.Status.STORED,
            StoreResult.Status.INVALID,
            StoreResult.Status.INVALID,
            StoreResult.Status.STORED);
    assertThat(results.get(1).detail())
        .isEqualTo("payload: 7 bytes, must be a multiple of 4, the bytes of a number");
    assertThat(map.blocks).containsOnlyKeys(name(1), name(4));
  }

  /** Six blocks of 24 MiB take 12 MiB each on their way: five fit a turn of 64 MiB. */
  @Test
  void aLargeCallTakesSeveralTurns() throws Exception {
    TransformingTransport transport = new TransformingTransport(map, FP16);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment payload = arena.allocate(24L << 20);
      payload.set(JAVA_FLOAT_UNALIGNED, 0, 2);
      List<StoreItem> items = IntStream.range(0, 6).mapToObj(i -> item(i, payload)).toList();
      assertThat(transport.store(items, LONG)).hasSize(6);
      assertThat(map.callSizes).containsExactly(5, 1);
      map.callSizes.clear();
      List<LoadItem> loads =
          IntStream.range(0, 6)
              .mapToObj(i -> LoadItem.whole(id(i), arena.allocate(24L << 20)))
              .toList();
      assertThat(transport.load(loads, LONG)).allMatch(LoadResult::found).hasSize(6);
      assertThat(map.callSizes).containsExactly(5, 1);
      assertThat(loads.get(5).target().mismatch(payload)).isEqualTo(-1);
    }
  }

  @Test
  void aFailureTellsWhatWasAnswered() throws Exception {
    TransformingTransport transport = new TransformingTransport(map, FP16);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment payload = arena.allocate(100L << 20);
      transport.store(List.of(item(0, payload)), LONG);
      map.failAfterCalls = 1;
      List<LoadItem> loads =
          List.of(
              LoadItem.whole(id(0), payload), LoadItem.whole(id(0), arena.allocate(100L << 20)));
      assertThatThrownBy(() -> transport.load(loads, LONG))
          .isInstanceOfSatisfying(
              TransportException.class,
              e -> {
                assertThat(e.answered()).hasSize(2);
                assertThat(e.answered().get(0)).matches(LoadResult::found);
                assertThat(e.answered().get(1)).isNull();
              });
    }
  }

  private static void store(BlockTransport transport, int number, float[] numbers)
      throws TransportException {
    List<StoreItem> items = List.of(item(number, MemorySegment.ofArray(numbers)));
    assertThat(transport.store(items, LONG)).allMatch(StoreResult::inStore);
  }

  private static LoadResult load(BlockTransport transport, LoadItem item)
      throws TransportException {
    return transport.load(List.of(item), LONG).getFirst();
  }

  private static StoreItem item(int number, MemorySegment payload) {
    return StoreItem.of(id(number), new byte[0], 16, payload);
  }

  private static byte[] id(int number) {
    byte[] id = new byte[16];
    id[0] = (byte) number;
    return id;
  }

  private static String name(int number) {
    return HexFormat.of().formatHex(id(number));
  }

  /** A store in this process; fails as a whole when told to. */
  private static final class MapTransport implements BlockTransport {
    final Map<String, byte[]> blocks = new HashMap<>();
    final List<Integer> callSizes = new ArrayList<>();
    int failAfterCalls = Integer.MAX_VALUE;

    int bytesOf(int number) {
      return Objects.requireNonNull(blocks.get(name(number)), "not stored").length;
    }

    @Override
    public List<LoadResult> load(List<LoadItem> items, Duration deadline)
        throws TransportException {
      if (failAfterCalls-- <= 0) {
        throw new TransportException(TransportException.Code.UNAVAILABLE, "told to");
      }
      callSizes.add(items.size());
      return items.stream().map(this::load).toList();
    }

    private LoadResult load(LoadItem item) {
      byte[] block = blocks.get(HexFormat.of().formatHex(item.id()));
      if (block == null) {
        return LoadResult.without(LoadResult.Status.ABSENT, 0, 0);
      }
      int length = item.length() == 0 ? block.length - item.offset() : item.length();
      if (length > item.room()) {
        return LoadResult.without(LoadResult.Status.TARGET_TOO_SMALL, block.length, 16);
      }
      MemorySegment.copy(MemorySegment.ofArray(block), item.offset(), item.target(), 0, length);
      return new LoadResult(LoadResult.Status.FOUND, length, block.length, 16, new byte[0]);
    }

    @Override
    public List<StoreResult> store(List<StoreItem> items, Duration deadline) {
      callSizes.add(items.size());
      return items.stream().map(this::store).toList();
    }

    private StoreResult store(StoreItem item) {
      blocks.put(HexFormat.of().formatHex(item.id()), item.payload().toArray(JAVA_BYTE));
      return new StoreResult(StoreResult.Status.STORED, AckLevel.MEMORY, "");
    }

    @Override
    public void close() {}
  }
}
