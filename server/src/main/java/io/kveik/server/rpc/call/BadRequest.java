package io.kveik.server.rpc.call;

/**
 * A request that can't be served as it is. The message names the field, its value and the limit; it
 * goes to the client as INVALID_ARGUMENT, or into the answer of one request of a stream.
 */
public final class BadRequest extends Exception {
  private static final int SHOWN_CHARACTERS = 64;

  private final String text;

  private BadRequest(String text) {
    super(text, null, false, false);
    this.text = text;
  }

  /** What to tell the client. */
  public String text() {
    return text;
  }

  public static BadRequest missing(String field) {
    return new BadRequest(field + ": missing");
  }

  public static BadRequest malformed(String method) {
    return new BadRequest(method + ": the request is not a valid protobuf message");
  }

  public static BadRequest of(String field, Object value, String limit) {
    return new BadRequest(field + ": " + shown(value.toString()) + ", must be " + limit);
  }

  /** For a value that is text of the client's own. */
  public static BadRequest ofText(String field, String text, String limit) {
    return new BadRequest(field + ": '" + shown(text) + "', must be " + limit);
  }

  /** Client text made safe to show: control characters replaced, cut to a line. */
  public static String shown(String text) {
    StringBuilder safe = new StringBuilder();
    for (int i = 0; i < text.length() && i < SHOWN_CHARACTERS; i++) {
      char c = text.charAt(i);
      safe.append(c < ' ' || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 ? '?' : c);
    }
    if (text.length() > SHOWN_CHARACTERS) {
      safe.append("… (").append(text.length()).append(" characters)");
    }
    return safe.toString();
  }
}
