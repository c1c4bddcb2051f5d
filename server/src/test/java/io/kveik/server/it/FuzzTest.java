package io.kveik.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.MessageLite;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.kveik.server.tier.TestBlocks;
import io.kveik.wire.v1.WriteRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Bytes that are no request, and requests with damage, sent to every method. */
@Timeout(30)
final class FuzzTest {
  private static final int ROUNDS = Integer.getInteger("kveik.fuzz", 700);
  private static final int MAX_RANDOM_BYTES = 400;
  private static final Set<Status.Code> LEGAL =
      EnumSet.of(Status.Code.OK, Status.Code.INVALID_ARGUMENT, Status.Code.RESOURCE_EXHAUSTED);

  private static final MethodDescriptor.Marshaller<byte[]> BYTES =
      new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] value) {
          return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
          try {
            return stream.readAllBytes();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
      };

  @TempDir Path directory;

  @Test
  void randomBytesAndDamagedRequests() throws Exception {
    SplittableRandom random = new SplittableRandom(TestBlocks.seed("fuzz"));
    Map<Status.Code, Integer> answers = new EnumMap<>(Status.Code.class);
    try (RunningServer server = RunningServer.start(directory);
        Witness witness = Witness.beside(server)) {
      ManagedChannel channel = server.connect();
      WriteRequest.Builder write = Blocks.write(1, 300);
      RunningServer.stub(channel).write(write.build());
      String location =
          RunningServer.stub(channel)
              .lookup(Blocks.lookup(1, 1).build())
              .getLocations(0)
              .getLocation();
      Map<String, MessageLite> valid =
          Map.of(
              "Lookup", Blocks.lookup(1, 2).build(),
              "Read", Blocks.read(location).build(),
              "StreamingRead", Blocks.read(location).build(),
              "Write", write.build());
      for (int round = 0; round < ROUNDS; round++) {
        for (String method : List.of("Lookup", "Read", "Write", "StreamingRead")) {
          byte[] message =
              round % 2 == 0 ? noise(random) : damaged(valid.get(method).toByteArray(), random);
          Status status = call(channel, method, message);
          answers.merge(status.getCode(), 1, Integer::sum);
          assertThat(status.getCode()).as("%s, round %s: %s", method, round, status).isIn(LEGAL);
        }
      }
      witness.check();
      server.awaitNoReaders();
      server.awaitNoCalls();
    }
    System.out.println("fuzz: " + answers);
    assertThat(answers).containsKeys(Status.Code.OK, Status.Code.INVALID_ARGUMENT);
  }

  private static byte[] noise(SplittableRandom random) {
    byte[] bytes = new byte[random.nextInt(MAX_RANDOM_BYTES)];
    random.nextBytes(bytes);
    return bytes;
  }

  /** Flips, cuts, doubles or overwrites a few bytes. */
  private static byte[] damaged(byte[] message, SplittableRandom random) {
    byte[] bytes = message.clone();
    for (int count = random.nextInt(1, 4); count > 0; count--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(4)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt(256);
        case 2 -> bytes = java.util.Arrays.copyOf(bytes, Math.max(1, at));
        default -> {
          byte[] tail = java.util.Arrays.copyOfRange(bytes, at, bytes.length);
          bytes = java.util.Arrays.copyOf(bytes, bytes.length + tail.length);
          System.arraycopy(tail, 0, bytes, bytes.length - tail.length, tail.length);
        }
      }
    }
    return bytes;
  }

  private static Status call(ManagedChannel channel, String method, byte[] message) {
    MethodDescriptor<byte[], byte[]> descriptor =
        MethodDescriptor.<byte[], byte[]>newBuilder(BYTES, BYTES)
            .setFullMethodName("kvstore.KVStoreService/" + method)
            .setType(MethodType.UNARY)
            .build();
    try {
      ClientCalls.blockingUnaryCall(
          channel, descriptor, CallOptions.DEFAULT.withDeadlineAfter(5, TimeUnit.SECONDS), message);
      return Status.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus();
    }
  }
}
