package io.kveik.server.rpc.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.grpc.StatusRuntimeException;
import io.kveik.server.tier.TestBlocks;
import io.kveik.wire.v1.LookupRequest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The Lookup parser against the generated one, and against messages made to swell. */
class LookupRequestMarshallerTest {
  private static final int MAX = 1_000;
  private final LookupRequestMarshaller marshaller = new LookupRequestMarshaller(MAX);

  private LookupRequest parse(byte[] bytes) {
    return marshaller.parse(new ByteArrayInputStream(bytes));
  }

  @Test
  void readsWhatTheGeneratedClassReads() throws Exception {
    SplittableRandom random = new SplittableRandom(TestBlocks.seed("LookupRequestMarshallerTest"));
    for (int i = 0; i < 2_000; i++) {
      LookupRequest.Builder request = LookupRequest.newBuilder();
      request.setResourceName("r" + random.nextInt(100)).setContainerName("behälter");
      request.setPartitionKey(random.nextBoolean() ? "" : "p").setCompletionId("c" + i);
      for (int n = random.nextInt(300); n > 0; n--) {
        request.addTokens(random.nextLong() >> random.nextInt(64));
      }
      for (int n = random.nextInt(10); n > 0; n--) {
        request.addPrecomputedHashes(random.nextLong());
      }
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      request.build().writeTo(bytes);
      // Unpacked numbers, as proto2 writers send them.
      UnknownFieldSet.newBuilder()
          .addField(5, UnknownFieldSet.Field.newBuilder().addVarint(random.nextLong()).build())
          .build()
          .writeTo(bytes);
      assertThat(parse(bytes.toByteArray()))
          .isEqualTo(LookupRequest.parseFrom(bytes.toByteArray()));
    }
  }

  @Test
  void fieldsOfLaterRevisionsAreSteppedOver() {
    ByteString later =
        UnknownFieldSet.newBuilder()
            .addField(
                99,
                UnknownFieldSet.Field.newBuilder()
                    .addFixed32(1)
                    .addLengthDelimited(ByteString.copyFromUtf8("later"))
                    .build())
            .build()
            .toByteString();
    LookupRequest request = LookupRequest.newBuilder().setResourceName("r").addTokens(1).build();
    assertThat(parse(request.toByteString().concat(later).toByteArray())).isEqualTo(request);
  }

  @Test
  void keepsNoMoreNumbersThanItTakesToRefuseThem() throws Exception {
    int tokens = 8_000_000;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    UnknownFieldSet.newBuilder()
        .addField(
            5,
            UnknownFieldSet.Field.newBuilder()
                .addLengthDelimited(ByteString.copyFrom(new byte[tokens]))
                .build())
        .build()
        .writeTo(bytes);
    assertThat(parse(bytes.toByteArray()).getTokensCount()).isEqualTo(MAX + 1);
  }

  @Test
  void whatIsCutOffIsRefused() {
    byte[] whole =
        LookupRequest.newBuilder().setResourceName("resource").addTokens(300).build().toByteArray();
    for (int length = 1; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      if (length != 10) {
        assertThatThrownBy(() -> parse(cut)).isInstanceOf(StatusRuntimeException.class);
      }
    }
  }
}
