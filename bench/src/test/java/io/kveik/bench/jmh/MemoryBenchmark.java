package io.kveik.bench.jmh;

import io.kveik.server.memory.RecordMemory;
import io.kveik.server.memory.Records;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
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
 * What the machine's memory allows the index at most: the reads of a find and nothing else, one
 * from a table as large as that of the tags, whose line leads to one in a table as large as that of
 * the look-up records. To be run with {@link IndexBenchmark}, in one go.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-XX:+UseZGC", "-Xmx512m"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Thread)
public class MemoryBenchmark {
  private static final int READS_AHEAD = 32;
  private static final int RECORD_BYTES = 32;
  private static final int LINE_BYTES = 64;

  /** A word for each of them at the tag table's mean load of 0.62, eight words a line. */
  private static final double BLOCKS_A_LINE = 8 * 0.62;

  @Param("10000000")
  int blocks;

  @Param("true")
  boolean hugePages;

  private final SplittableRandom random = new SplittableRandom(1);
  private final long[] lineAddresses = new long[READS_AHEAD];
  private final long[] recordAddresses = new long[READS_AHEAD];
  private RecordMemory memory = RecordMemory.open();
  private Records lines = memory.table(LINE_BYTES);
  private Records records = memory.table(RECORD_BYTES);
  private int lineCount;
  private long last;

  @Setup(Level.Trial)
  public void fill() {
    memory.close();
    memory = hugePages ? RecordMemory.openWithHugePages() : RecordMemory.open();
    lines = memory.table(LINE_BYTES);
    records = memory.table(RECORD_BYTES);
    lineCount = (int) (blocks / BLOCKS_A_LINE);
    while (records.highest() < blocks) {
      records.setLong(records.allocate(), 0, random.nextLong());
    }
    while (lines.highest() < lineCount) {
      lines.setLong(lines.allocate(), 0, records.address(1 + random.nextInt(blocks)));
    }
  }

  @TearDown(Level.Trial)
  public void close() {
    memory.close();
  }

  /** A line and the record it leads to; where, depends on the record before. */
  @Benchmark
  public long dependent() {
    int line = 1 + (int) Math.floorMod(last ^ random.nextLong(), (long) lineCount);
    long record = lines.getLong(line, 0);
    last = Records.longAt(record);
    return last;
  }

  /** The same of many that are known ahead, all lines and then all records; a record's share. */
  @Benchmark
  @OperationsPerInvocation(READS_AHEAD)
  public long ahead() {
    for (int i = 0; i < READS_AHEAD; i++) {
      lineAddresses[i] = lines.address(1 + random.nextInt(lineCount));
    }
    for (int i = 0; i < READS_AHEAD; i++) {
      recordAddresses[i] = Records.longAt(lineAddresses[i]);
    }
    return Records.peek(recordAddresses, READS_AHEAD, 0);
  }
}
