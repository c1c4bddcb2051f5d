package io.kveik.server.demo;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A system prompt and the turns that follow it.
 *
 * <p>A conversation file is plain text: {@code == user ==} and {@code == assistant ==} on lines of
 * their own, in turn, each followed by what was said.
 *
 * @param name a word for people
 * @param system the system prompt
 * @param turns at least one
 */
record Conversation(String name, String system, List<Turn> turns) {
  /** One question and its answer. */
  record Turn(String user, String assistant) {}

  private static final String USER = "== user ==";
  private static final String ASSISTANT = "== assistant ==";

  Conversation {
    turns = List.copyOf(turns);
    if (system.isBlank() || turns.isEmpty()) {
      throw new IllegalArgumentException(name + ": no system prompt or no turns");
    }
  }

  /**
   * Reads one from this package's resources.
   *
   * @param handbook file of the system prompt, without its ending
   * @param name file of the turns, without its ending
   */
  static Conversation load(String handbook, String name) throws IOException {
    return new Conversation(name, resource(handbook).strip(), parse(name, resource(name)));
  }

  static List<Turn> parse(String name, String text) {
    List<Turn> turns = new ArrayList<>();
    for (String part : text.strip().split(USER + "\n", -1)) {
      if (part.isBlank() && turns.isEmpty()) {
        continue;
      }
      int answer = part.indexOf(ASSISTANT + "\n");
      String user = answer < 0 ? "" : part.substring(0, answer).strip();
      String assistant = answer < 0 ? "" : part.substring(answer + ASSISTANT.length()).strip();
      if (user.isEmpty() || assistant.isEmpty() || assistant.contains(ASSISTANT)) {
        throw new IllegalArgumentException(
            name + ": turn " + (turns.size() + 1) + " is not one question and one answer");
      }
      turns.add(new Turn(user, assistant));
    }
    return turns;
  }

  private static String resource(String name) throws IOException {
    String file = name + ".txt";
    try (InputStream in = Conversation.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new FileNotFoundException("resource " + file);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("\r\n", "\n");
    }
  }
}
