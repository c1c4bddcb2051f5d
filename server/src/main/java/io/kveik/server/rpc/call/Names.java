package io.kveik.server.rpc.call;

/**
 * The grammar of names: {@code [A-Za-z0-9][A-Za-z0-9._-]{0,127}}. Checked by hand, since it runs on
 * every request.
 */
public final class Names {
  public static final int MAX_LENGTH = 128;

  private Names() {}

  public static boolean legal(String name) {
    if (name.isEmpty() || name.length() > MAX_LENGTH || !alphanumeric(name.charAt(0))) {
      return false;
    }
    for (int i = 1; i < name.length(); i++) {
      char c = name.charAt(i);
      if (!alphanumeric(c) && c != '.' && c != '_' && c != '-') {
        return false;
      }
    }
    return true;
  }

  private static boolean alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  }
}
