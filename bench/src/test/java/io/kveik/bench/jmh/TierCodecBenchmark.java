package io.kveik.bench.jmh;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.ElementType;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.codec.CodecKind;
import io.kveik.server.codec.CodecOptions;
import io.kveik.server.memory.Crc32c;
import io.kveik.server.memory.Lease;
import io.kveik.server.memory.Slab;
import io.kveik.server.runtime.Clock;
import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.PutOutcome;
import io.kveik.server.tier.StoredBlock;
import io.kveik.server.tier.nvme.NvmeOptions;
import io.kveik.server.tier.nvme.NvmeTier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The nvme tier with and without a codec, on one thread, in the directory for temporary files: GB
 * of bf16 payload a second, by direct I/O where the file system can, puts synced. Shows what a
 * codec makes of the tier, nothing of the disk: compare within a run.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(TierCodecBenchmark.PAYLOAD_BYTES)
@Fork(
    value = 1,
    jvmArgsAppend = {
      "--enable-native-access=ALL-UNNAMED",
      "--sun-misc-unsafe-memory-access=allow",
      "-Xmx512m"
    })
@Warmup(iterations = 1, time = 2)
@Measurement(iterations = 4, time = 2)
@State(Scope.Benchmark)
public class TierCodecBenchmark {
  static final int PAYLOAD_BYTES = 1_228_800;
  private static final int BLOCKS = 256;
  private static final long CAPACITY_BYTES = 2L << 30;
  private static final Fingerprint NAMESPACE = new Fingerprint(1, 2, 3, 4);

  @Param({"NONE", "ZSTD"})
  CodecKind codec = CodecKind.NONE;

  private final Slab slab = Slab.anonymous(8L * PAYLOAD_BYTES);
  private final Lease payload = Objects.requireNonNull(slab.allocate(PAYLOAD_BYTES));
  private final SplittableRandom random = new SplittableRandom(1);
  private Path directory = Path.of("");
  private List<NvmeTier> open = List.of();
  private int payloadCrc;
  private int stored;

  @Setup(Level.Trial)
  public void fill() throws IOException {
    directory = Files.createTempDirectory("kveik-tier-codec");
    NvmeOptions options = NvmeOptions.of(CAPACITY_BYTES).withCodec(CodecOptions.of(codec));
    open = List.of(NvmeTier.open(directory, options, Clock.system()));
    SyntheticKv.fill(payload.segment(), ElementType.BF16, random);
    payloadCrc = Crc32c.of(payload.segment());
    for (int i = 0; i < BLOCKS; i++) {
      put();
    }
    System.out.printf("%d bytes a block%n", open.getFirst().usage().bytes() / BLOCKS);
  }

  @TearDown(Level.Trial)
  public void close() throws IOException {
    open.forEach(NvmeTier::close);
    payload.close();
    slab.close();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** The oldest leave once the tier is full. */
  @Benchmark
  public void put() throws IOException {
    try (StoredBlock block = StoredBlock.transfer(header(stored), payload.retain())) {
      if (!(open.getFirst().put(block) instanceof PutOutcome.Stored)) {
        throw new IOException("not stored");
      }
    }
    stored++;
  }

  /** Of the youngest blocks, in no order. */
  @Benchmark
  public void get() throws IOException {
    int number = stored - 1 - random.nextInt(BLOCKS);
    if (!(open.getFirst().get(header(number).ref(), slab::allocate)
        instanceof GetOutcome.Hit(StoredBlock block))) {
      throw new IOException("no hit");
    }
    block.close();
  }

  private BlockHeader header(int number) {
    SplittableRandom key = new SplittableRandom(number);
    return new BlockHeader(
        new BlockKey(key.nextLong(), key.nextLong(), key.nextLong(), key.nextLong()),
        NAMESPACE,
        number,
        0,
        0,
        128,
        0,
        PAYLOAD_BYTES,
        0,
        payloadCrc,
        1,
        BlockHeader.NEVER_EXPIRES,
        0,
        ElementType.BF16);
  }
}
