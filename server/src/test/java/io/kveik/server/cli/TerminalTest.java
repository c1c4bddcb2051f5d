package io.kveik.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is printed can't steer a terminal, as text or as JSON. */
final class TerminalTest {
  @Test
  void controlAndFormatCharactersAreReplaced() {
    assertThat(Terminal.safe("a\u001b[2Jb\r\n\u0007c\u009bd\u202ee\u200f"))
        .isEqualTo("a?[2Jb???c?d?e?");
    assertThat(Terminal.safe("täglich 饼 🍞")).isEqualTo("täglich 饼 🍞");
  }

  @Test
  void jsonEscapesWhatIsNotPlain() {
    assertThat(Json.text(Map.of("k\"", "\u001b\\\u202e🍞")))
        .isEqualTo("{\"k\\u0022\":\"\\u001b\\u005c\\u202e\\ud83c\\udf5e\"}");
    assertThat(Json.text(Arrays.asList(1, 2L, true, null, Map.of(), List.of())))
        .isEqualTo("[1,2,true,null,{},[]]");
    assertThatThrownBy(() -> Json.text(Instant.EPOCH)).isInstanceOf(IllegalArgumentException.class);
  }
}
