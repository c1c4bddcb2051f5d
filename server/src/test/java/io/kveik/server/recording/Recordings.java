package io.kveik.server.recording;

import io.kveik.server.block.BlockId;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.cache.Chain;
import io.kveik.server.cache.IdChain;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.LongStream;

/** Chains made of numbers, and what was recorded of them. */
final class Recordings {
  static final Fingerprint NAMESPACE = new Fingerprint(1, 2, 3, 4);

  private Recordings() {}

  static Chain chain(long... numbers) {
    List<BlockId> ids =
        LongStream.of(numbers)
            .mapToObj(
                number -> BlockId.transfer(ByteBuffer.allocate(24).putLong(0, number).array()))
            .toList();
    return new IdChain(ids, _ -> new BlockKey(0, 0, 0, 0));
  }

  /** Requests each of which continues a prefix of an earlier one. */
  static List<long[]> random(SplittableRandom random, int count) {
    List<long[]> requests = new ArrayList<>();
    long fresh = 0;
    for (int i = 0; i < count; i++) {
      long[] earlier = i == 0 ? new long[0] : requests.get(random.nextInt(i));
      int kept = random.nextInt(earlier.length + 1);
      long[] request = new long[kept + 1 + random.nextInt(5)];
      System.arraycopy(earlier, 0, request, 0, kept);
      for (int k = kept; k < request.length; k++) {
        request[k] = fresh++;
      }
      requests.add(request);
    }
    return requests;
  }

  static List<RecordedEvent> read(Path file) throws IOException {
    List<RecordedEvent> all = new ArrayList<>();
    try (AccessLogReader reader = AccessLogReader.open(file)) {
      for (RecordedEvent one = reader.next(); one != null; one = reader.next()) {
        all.add(one);
      }
    }
    return all;
  }

  static List<RecordedEvent> readEvents(Path directory) throws IOException {
    List<RecordedEvent> all = new ArrayList<>();
    for (Path file : RecordingFiles.in(directory)) {
      all.addAll(read(file));
    }
    return all;
  }

  /** The same of a recording that has nothing else. */
  static List<RecordedRequest> readAll(Path directory) throws IOException {
    return readEvents(directory).stream().map(RecordedRequest.class::cast).toList();
  }

  /** Requests with their blocks numbered in the order in which they come: comparable. */
  static List<List<Integer>> shape(List<long[]> requests) {
    Map<Long, Integer> numbers = new HashMap<>();
    List<List<Integer>> shape = new ArrayList<>();
    for (long[] request : requests) {
      List<Integer> row = new ArrayList<>();
      for (long block : request) {
        Integer number = numbers.computeIfAbsent(block, _ -> numbers.size());
        row.add(number);
      }
      shape.add(row);
    }
    return shape;
  }

  static List<List<Integer>> shapeOf(List<RecordedRequest> requests) {
    return shape(requests.stream().map(RecordedRequest::blocks).toList());
  }
}
