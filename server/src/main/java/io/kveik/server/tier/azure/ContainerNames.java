package io.kveik.server.tier.azure;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * Names of containers as Azure takes them. A client's name that is one already stays as it is, so
 * that containers of the original are found; any other is named by its hash. Two names that come to
 * the same container share nothing but the place: a blob's path has its namespace.
 */
final class ContainerNames {
  private static final Pattern LEGAL = Pattern.compile("(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*");
  private static final int HASH_BYTES = 16;

  private ContainerNames() {}

  static String of(String container) {
    return LEGAL.matcher(container).matches() ? container : "kveik-" + hash(container);
  }

  private static String hash(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, HASH_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
