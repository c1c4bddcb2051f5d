package io.kveik.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.grpc.Detachable;
import io.grpc.HasByteBuffer;
import io.grpc.KnownLength;
import io.grpc.StatusRuntimeException;
import io.kveik.client.inplace.InPlaceParser;
import io.kveik.client.inplace.PayloadPath;
import io.kveik.wire.v1.PromptChunk;
import io.kveik.wire.v1.ReadResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Parsing in place, from buffers cut anywhere; the real transport is in the other tests. */
final class ReadResponseMarshallerTest {
  private final ReadResponseMarshaller marshaller = new ReadResponseMarshaller();

  @Test
  void messageCutAnywhereIsParsedInPlace() {
    long seed = System.nanoTime();
    System.out.println("ReadResponseMarshallerTest seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 300; i++) {
      ReadResponse sent = response(random, random.nextInt(100_000));
      Transport transport = new Transport(sent.toByteArray(), random);
      try (ReceivedRead received = marshaller.parse(transport)) {
        assertThat(whole(received.message(), received.payload()))
            .as("seed %d, message %d", seed, i)
            .isEqualTo(sent);
        assertThat(transport.closed()).isFalse();
      }
      assertThat(transport.closed()).as("seed %d, message %d", seed, i).isTrue();
    }
  }

  @Test
  void payloadIsAViewOfTheBuffers() {
    Random random = new Random(6);
    Transport transport = new Transport(response(random, 50_000).toByteArray(), random);
    try (ReceivedRead received = marshaller.parse(transport)) {
      assertThat(received.payload()).allMatch(ByteBuffer::isDirect);
      byte[] before = join(received.payload());
      transport.invert();
      byte[] after = join(received.payload());
      for (int i = 0; i < before.length; i++) {
        after[i] = (byte) ~after[i];
      }
      assertThat(after).hasSize(50_000).isEqualTo(before);
    }
  }

  @Test
  void streamWithoutBuffersIsParsedToo() {
    ReadResponse sent = response(new Random(7), 1_000);
    try (ReceivedRead received = marshaller.parse(new ByteArrayInputStream(sent.toByteArray()))) {
      assertThat(whole(received.message(), received.payload())).isEqualTo(sent);
    }
  }

  @Test
  void whatCannotBeParsedIsReleased() {
    byte[] whole = response(new Random(8), 1_000).toByteArray();
    Transport transport = new Transport(Arrays.copyOf(whole, whole.length - 1), new Random(8));
    assertThatThrownBy(() -> marshaller.parse(transport))
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessageContaining("could not be parsed");
    assertThat(transport.closed()).isTrue();
  }

  @Test
  void damagedMessageIsRefusedOrParsedAsProtobufWould() throws IOException {
    long seed = System.nanoTime();
    System.out.println("ReadResponseMarshallerTest seed " + seed);
    Random random = new Random(seed);
    int refused = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] damaged = response(random, random.nextInt(40)).toByteArray();
      for (int j = random.nextInt(3); j >= 0; j--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      damaged = Arrays.copyOf(damaged, damaged.length - random.nextInt(2));
      ReadResponse.Builder parsed = ReadResponse.newBuilder();
      List<ByteBuffer> payload;
      try {
        payload = parseInto(parsed, damaged);
      } catch (IOException e) {
        refused++;
        continue;
      }
      assertThat(whole(parsed.build(), payload))
          .as("seed %d, message %d", seed, i)
          .isEqualTo(ReadResponse.parseFrom(damaged));
    }
    assertThat(refused).isBetween(1_000, 19_000);
  }

  @Test
  void fieldsOfLaterRevisionsAndSecondOccurrencesAreKeptAsProtobufDoes() throws IOException {
    Random random = new Random(9);
    byte[] first = response(random, 100).toByteArray();
    ByteString twice = ByteString.copyFrom(first).concat(response(random, 50).toByteString());
    UnknownFieldSet.Field later =
        UnknownFieldSet.Field.newBuilder()
            .addFixed32(1)
            .addFixed64(2)
            .addVarint(-3)
            .addLengthDelimited(ByteString.copyFromUtf8("later"))
            .build();
    ByteString extended =
        twice.concat(UnknownFieldSet.newBuilder().addField(99, later).build().toByteString());
    ReadResponse.Builder parsed = ReadResponse.newBuilder();
    List<ByteBuffer> payload = parseInto(parsed, extended.toByteArray());
    assertThat(whole(parsed.build(), payload)).isEqualTo(ReadResponse.parseFrom(extended));
  }

  @Test
  void whatIsNotPayloadIsBounded() {
    byte[] swollen =
        ReadResponse.newBuilder()
            .setChunk(
                PromptChunk.newBuilder()
                    .setCompletionId("x".repeat(InPlaceParser.MAX_REST_BYTES + 1)))
            .build()
            .toByteArray();
    assertThatThrownBy(() -> parseInto(ReadResponse.newBuilder(), swollen))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("besides the payload");
  }

  private static List<ByteBuffer> parseInto(ReadResponse.Builder into, byte[] message)
      throws IOException {
    return InPlaceParser.parse(
        List.of(ByteBuffer.wrap(message)),
        PayloadPath.of(ReadResponse.CHUNK_FIELD_NUMBER, PromptChunk.BUFFER_FIELD_NUMBER),
        into);
  }

  /** The message as the generated class would have parsed it. */
  private static ReadResponse whole(ReadResponse message, List<ByteBuffer> payload) {
    return message.hasChunk()
        ? message.toBuilder()
            .setChunk(message.getChunk().toBuilder().setBuffer(ByteString.copyFrom(join(payload))))
            .build()
        : message;
  }

  private static byte[] join(List<ByteBuffer> parts) {
    ByteBuffer joined = ByteBuffer.allocate(parts.stream().mapToInt(ByteBuffer::remaining).sum());
    parts.forEach(joined::put);
    return joined.array();
  }

  private static ReadResponse response(Random random, int payloadBytes) {
    byte[] payload = new byte[payloadBytes];
    random.nextBytes(payload);
    return ReadResponse.newBuilder()
        .setFound(true)
        .setSuccess(true)
        .setChunk(
            PromptChunk.newBuilder()
                .setHash(random.nextLong())
                .setPartitionKey("partition")
                .setBuffer(ByteString.copyFrom(payload))
                .addTokens(random.nextLong())
                .setBufferCrc32C(random.nextInt()))
        .build();
  }

  /** A stream over direct buffers as gRPC's: detaching moves them to another stream. */
  private static final class Transport extends InputStream
      implements KnownLength, HasByteBuffer, Detachable {
    private final List<ByteBuffer> parts;
    private Transport owner = this;
    private int part;
    private boolean closed;

    Transport(byte[] message, Random random) {
      this.parts = new ArrayList<>();
      for (int at = 0; at < message.length; ) {
        int length = Math.min(1 + random.nextInt(20_000), message.length - at);
        parts.add(ByteBuffer.allocateDirect(length).put(message, at, length).flip());
        at += length;
      }
    }

    private Transport(List<ByteBuffer> parts) {
      this.parts = parts;
    }

    boolean closed() {
      return owner.closed;
    }

    void invert() {
      for (ByteBuffer buffer : parts) {
        for (int i = 0; i < buffer.limit(); i++) {
          buffer.put(i, (byte) ~buffer.get(i));
        }
      }
    }

    @Override
    public InputStream detach() {
      owner = new Transport(parts);
      return owner;
    }

    @Override
    public boolean byteBufferSupported() {
      return true;
    }

    @Override
    public ByteBuffer getByteBuffer() {
      return parts.get(part).duplicate();
    }

    @Override
    public int available() {
      return parts.subList(part, parts.size()).stream().mapToInt(ByteBuffer::remaining).sum();
    }

    @Override
    public long skip(long length) {
      assertThat(length).isEqualTo(parts.get(part).remaining());
      part++;
      return length;
    }

    @Override
    public boolean markSupported() {
      return true;
    }

    @Override
    public synchronized void mark(int limit) {
      assertThat(part).isZero();
    }

    @Override
    public synchronized void reset() {
      part = 0;
    }

    @Override
    public int read() {
      throw new AssertionError("parsing in place reads no bytes");
    }

    @Override
    public int read(byte[] to, int offset, int limit) {
      return read();
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}
