package io.kveik.server.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kveik.client.KveikClient;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The conversations are whole, long enough, and each prompt is the beginning of the next. */
final class ConversationTest {
  @Test
  void eachHasALongSystemPromptAndSevenTurns() throws IOException {
    for (DemoRun.Script script : DemoRun.scripts()) {
      Conversation conversation = script.conversation();
      assertThat(conversation.turns()).as(script.tenant()).hasSize(7);
      assertThat(conversation.system().split("\\s+", -1)).hasSizeGreaterThan(1_500);
      assertThat(conversation.system())
          .matches(text -> text.chars().noneMatch(c -> c < ' ' && c != '\n'));
      assertThat(new PromptTokens(conversation).system().length / KveikClient.BLOCK_TOKENS)
          .isGreaterThanOrEqualTo(15);
      assertThat(script.blocks(2)).isGreaterThanOrEqualTo(20);
      assertThat(script.blocks(7)).isGreaterThanOrEqualTo(35);
    }
  }

  @Test
  void firstTwoTenantsShareTheirSystemPrompt() throws IOException {
    List<DemoRun.Script> scripts = DemoRun.scripts();
    String shared = scripts.get(0).conversation().system();
    assertThat(scripts.get(1).conversation().system()).isEqualTo(shared);
    assertThat(scripts.get(2).conversation().system()).isNotEqualTo(shared);
  }

  @Test
  void everyPromptIsThePrefixOfTheNext() throws IOException {
    for (DemoRun.Script script : DemoRun.scripts()) {
      PromptTokens prompts = new PromptTokens(script.conversation());
      long[] before = prompts.system();
      for (int turn = 0; turn < script.conversation().turns().size(); turn++) {
        for (long[] now : List.of(prompts.prompt(turn), prompts.promptAndAnswer(turn))) {
          assertThat(now.length).isGreaterThan(before.length);
          assertThat(Arrays.copyOf(now, before.length)).isEqualTo(before);
          before = now;
        }
      }
    }
  }

  @Test
  void parsesTurns() {
    String text =
        """
        == user ==
        How?
        == assistant ==
        So.

        And so.
        == user ==
        Why?
        == assistant ==
        Thus.
        """;
    assertThat(Conversation.parse("x", text))
        .containsExactly(
            new Conversation.Turn("How?", "So.\n\nAnd so."),
            new Conversation.Turn("Why?", "Thus."));
  }

  @Test
  void refusesHalfATurn() {
    assertThatThrownBy(() -> Conversation.parse("x", "== user ==\nHow?\n"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("x: turn 1 is not one question and one answer");
  }
}
