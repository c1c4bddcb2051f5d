package io.kveik.server.tenant;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where a secret is read when it is needed. Never holds the secret itself. */
public sealed interface SecretReference {
  int MAX_BYTES = 64 * 1024;

  /**
   * The secret, without white space around it.
   *
   * @throws IOException when it can't be had; the message names the place, never what is there
   */
  String read() throws IOException;

  /** A file that holds nothing else. */
  record OfFile(Path file) implements SecretReference {
    @Override
    public String read() throws IOException {
      try {
        if (Files.size(file) > MAX_BYTES) {
          throw new IOException("larger than " + MAX_BYTES + " bytes");
        }
        return notEmpty(Files.readString(file), "secret-file: '" + file + "'");
      } catch (IOException e) {
        // Decoding errors and the like may quote what was read.
        throw new IOException("secret-file: '" + file + "' can't be read as a secret");
      }
    }
  }

  /** An environment variable of this process. */
  record OfEnvironment(String variable) implements SecretReference {
    @Override
    public String read() throws IOException {
      String value = System.getenv(variable);
      return notEmpty(value == null ? "" : value, "secret-env: '" + variable + "'");
    }
  }

  private static String notEmpty(String text, String where) throws IOException {
    String secret = text.strip();
    if (secret.isEmpty()) {
      throw new IOException(where + " is empty or not there");
    }
    return secret;
  }
}
