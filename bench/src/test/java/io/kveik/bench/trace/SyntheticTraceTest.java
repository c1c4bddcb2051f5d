package io.kveik.bench.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SyntheticTraceTest {
  @ParameterizedTest
  @EnumSource(SyntheticTrace.Kind.class)
  void sameSeedSameRequestsInOrderOfArrival(SyntheticTrace.Kind kind) throws IOException {
    List<TraceRequest> first = read(new SyntheticTrace(kind, 5, 500));
    List<TraceRequest> again = read(new SyntheticTrace(kind, 5, 500));
    List<TraceRequest> other = read(new SyntheticTrace(kind, 6, 500));
    assertThat(first).hasSize(500);
    assertThat(ids(first)).isEqualTo(ids(again)).isNotEqualTo(ids(other));
    for (int i = 1; i < first.size(); i++) {
      assertThat(first.get(i).timestampMillis())
          .isGreaterThanOrEqualTo(first.get(i - 1).timestampMillis());
    }
  }

  @Test
  void nameLeadsBackToTheSameTrace() throws IOException {
    SyntheticTrace trace = new SyntheticTrace(SyntheticTrace.Kind.MIXED, 42, 77);
    assertThat(TraceSource.of(trace.name())).isEqualTo(trace);
    assertThat(TraceSource.of("synthetic:chat"))
        .isEqualTo(new SyntheticTrace(SyntheticTrace.Kind.CHAT, 1, 20_000));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "synthetic:",
        "synthetic:tea",
        "synthetic:chat,seed=x",
        "synthetic:chat,sed=1",
        "synthetic:chat,requests=0",
        "synthetic:chat,requests=99999999",
        "no/such/file"
      })
  void refusesWhatItCantBe(String text) {
    assertThatThrownBy(() -> TraceSource.of(text)).isInstanceOf(IllegalArgumentException.class);
  }

  private static List<TraceRequest> read(TraceSource source) throws IOException {
    List<TraceRequest> requests = new ArrayList<>();
    try (RequestStream stream = source.open()) {
      for (TraceEvent one = stream.next(); one != null; one = stream.next()) {
        requests.add((TraceRequest) one);
      }
    }
    return requests;
  }

  private static List<String> ids(List<TraceRequest> requests) {
    return requests.stream().map(request -> Arrays.toString(request.ids())).toList();
  }
}
