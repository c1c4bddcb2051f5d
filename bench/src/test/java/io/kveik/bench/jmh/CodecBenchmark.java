package io.kveik.bench.jmh;

import io.kveik.server.block.ElementType;
import io.kveik.server.codec.BytePlanes;
import io.kveik.server.codec.CodecKind;
import io.kveik.server.codec.DecodeOutcome;
import io.kveik.server.codec.EncodeOutcome;
import io.kveik.server.codec.PayloadCodec;
import io.kveik.server.memory.Lease;
import io.kveik.server.memory.Slab;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
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
 * The codec on payloads that are in no cache; the score is GB of payload a second. An operation is
 * a byte, so operations a nanosecond are GB/s. {@code processorNanos} is the share of the time in
 * which the thread had a processor: on a machine that does other things, score / share is what one
 * core does. Each fork prints the ratio first.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(CodecBenchmark.PAYLOAD_BYTES)
@Fork(
    value = 1,
    jvmArgsAppend = {
      "--enable-native-access=ALL-UNNAMED",
      "--sun-misc-unsafe-memory-access=allow",
      "-Xmx512m"
    })
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class CodecBenchmark {
  static final int PAYLOAD_BYTES = 1_228_800;
  private static final int PAYLOADS = 64;

  /** Payloads, and where encoded they are smaller, their encoded forms. */
  @State(Scope.Thread)
  public static class Payloads {
    @Param({"LZ4", "ZSTD"})
    CodecKind codec = CodecKind.ZSTD;

    @Param({"UNDECLARED", "BF16", "FP16", "FP32", "FP8"})
    ElementType type = ElementType.BF16;

    /** False for bytes that don't compress. */
    @Param("true")
    boolean kv;

    final PayloadCodec payloadCodec = new PayloadCodec(1);
    final Slab slab = Slab.anonymous(3L * PAYLOADS * PAYLOAD_BYTES);
    final List<Lease> raw = new ArrayList<>();
    final List<EncodeOutcome.Encoded> encoded = new ArrayList<>();
    final Lease target = Objects.requireNonNull(slab.allocate(PAYLOAD_BYTES));
    private int next;

    @Setup(Level.Trial)
    public void fill() {
      SplittableRandom random = new SplittableRandom(1);
      for (int i = 0; i < PAYLOADS; i++) {
        Lease payload = Objects.requireNonNull(slab.allocate(PAYLOAD_BYTES));
        if (kv) {
          SyntheticKv.fill(payload.segment(), type, random);
        } else {
          byte[] noise = new byte[PAYLOAD_BYTES];
          random.nextBytes(noise);
          payload.segment().copyFrom(MemorySegment.ofArray(noise));
        }
        raw.add(payload);
        if (payloadCodec.encode(codec, type, payload.segment(), slab::allocate)
            instanceof EncodeOutcome.Encoded made) {
          encoded.add(made);
        }
      }
      long bytes = encoded.stream().mapToLong(made -> made.encoding().encodedLength()).sum();
      System.out.println(
          encoded.isEmpty()
              ? "skipped: saves less than a tenth"
              : "ratio %.3f".formatted((double) encoded.size() * PAYLOAD_BYTES / bytes));
    }

    @TearDown(Level.Trial)
    public void close() {
      raw.forEach(Lease::close);
      encoded.forEach(made -> made.lease().close());
      target.close();
      payloadCodec.close();
      slab.close();
    }

    int next() {
      next = (next + 1) % PAYLOADS;
      return next;
    }
  }

  /** How long the thread ran. */
  @AuxCounters
  @State(Scope.Thread)
  public static class Processor {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    public long processorNanos;
    private long startNanos;

    @Setup(Level.Iteration)
    public void start() {
      startNanos = THREADS.getCurrentThreadCpuTime();
    }

    void count() {
      processorNanos = THREADS.getCurrentThreadCpuTime() - startNanos;
    }
  }

  /** With the checksum over the encoded bytes; also what it costs to find that it is no use. */
  @Benchmark
  public EncodeOutcome encode(Payloads payloads, Processor processor) {
    EncodeOutcome outcome =
        payloads.payloadCodec.encode(
            payloads.codec,
            payloads.type,
            payloads.raw.get(payloads.next()).segment(),
            payloads.slab::allocate);
    if (outcome instanceof EncodeOutcome.Encoded made) {
      made.lease().close();
    }
    processor.count();
    return outcome;
  }

  /** With the checksum over the encoded bytes. */
  @Benchmark
  public DecodeOutcome decode(Payloads payloads, Processor processor) {
    EncodeOutcome.Encoded made = payloads.encoded.get(payloads.next());
    DecodeOutcome outcome =
        payloads.payloadCodec.decode(made.encoding(), made.bytes(), payloads.target.segment());
    processor.count();
    return outcome;
  }

  @Benchmark
  public void copy(Payloads payloads, Processor processor) {
    payloads.target.segment().copyFrom(payloads.raw.get(payloads.next()).segment());
    processor.count();
  }

  @Benchmark
  public void split(Payloads payloads, Processor processor) {
    BytePlanes.split(
        payloads.raw.get(payloads.next()).segment(),
        payloads.target.segment(),
        payloads.type.widthBytes());
    processor.count();
  }

  @Benchmark
  public void join(Payloads payloads, Processor processor) {
    BytePlanes.join(
        payloads.raw.get(payloads.next()).segment(),
        payloads.target.segment(),
        payloads.type.widthBytes());
    processor.count();
  }
}
