package io.kveik.server.demo;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import com.knuddels.jtokkit.api.IntArrayList;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * The cl100k tokens of a conversation's prompts. Every message is encoded on its own, as chat
 * templates do, so that each prompt is a prefix of the next one. Any thread.
 *
 * <p>The vocabulary loads on first use, about half a second.
 */
final class PromptTokens {
  private static final class Vocabulary {
    static final Encoding CL100K =
        Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.CL100K_BASE);
  }

  private final Conversation conversation;

  PromptTokens(Conversation conversation) {
    this.conversation = conversation;
  }

  /** The system prompt alone. */
  long[] system() {
    return encode(Stream.of(message("System", conversation.system())));
  }

  /**
   * All that the model has before it answers.
   *
   * @param turn from 0
   */
  long[] prompt(int turn) {
    return encode(Stream.concat(before(turn), Stream.of(question(turn))));
  }

  /** The prompt and its answer. */
  long[] promptAndAnswer(int turn) {
    return encode(before(turn + 1));
  }

  private Stream<String> before(int turn) {
    List<Conversation.Turn> past = conversation.turns().subList(0, turn);
    return Stream.concat(
        Stream.of(message("System", conversation.system())),
        past.stream()
            .flatMap(one ->
                Stream.of(message("User", one.user()), message("Assistant", one.assistant()))));
  }

  private String question(int turn) {
    return message("User", conversation.turns().get(turn).user());
  }

  private static String message(String role, String text) {
    return role + ":\n" + text + "\n\n";
  }

  private static long[] encode(Stream<String> messages) {
    return messages
        .map(Vocabulary.CL100K::encodeOrdinary)
        .flatMapToLong(PromptTokens::longs)
        .toArray();
  }

  private static LongStream longs(IntArrayList tokens) {
    return LongStream.range(0, tokens.size()).map(i -> tokens.get((int) i));
  }
}
