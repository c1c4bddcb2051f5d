package io.kveik.server.rpc.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.grpc.StatusRuntimeException;
import io.kveik.wire.nativev1.BlockIds;
import io.kveik.wire.nativev1.MatchRequest;
import java.io.ByteArrayInputStream;
import org.junit.jupiter.api.Test;

class BoundedFieldsTest {
  private static final int MOST = 100;

  private final BoundedFields<MatchRequest> marshaller =
      new BoundedFields<>(MatchRequest.getDefaultInstance(), MOST);

  private MatchRequest parse(MatchRequest request) {
    return marshaller.parse(new ByteArrayInputStream(request.toByteArray()));
  }

  private static MatchRequest ids(int count) {
    BlockIds.Builder ids = BlockIds.newBuilder();
    for (int i = 0; i < count; i++) {
      ids.addIds(ByteString.EMPTY);
    }
    return MatchRequest.newBuilder().setBlocks(ids).build();
  }

  @Test
  void soManyElementsAndNoMore() {
    assertThat(parse(ids(MOST - 1))).isEqualTo(ids(MOST - 1));
    assertThatThrownBy(() -> parse(ids(MOST + 1))).isInstanceOf(StatusRuntimeException.class);
  }

  /** Four bytes each, which would be two hundred on the heap. */
  @Test
  void fieldsOfAnotherVersionTakeNoMemory() {
    UnknownFieldSet.Builder unknown = UnknownFieldSet.newBuilder();
    for (int number = 10_000; number < 20_000; number++) {
      unknown.mergeVarintField(number, 1);
    }
    MatchRequest request = ids(3).toBuilder().setUnknownFields(unknown.build()).build();
    assertThat(parse(request)).isEqualTo(ids(3));
  }
}
