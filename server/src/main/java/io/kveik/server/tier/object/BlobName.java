package io.kveik.server.tier.object;

/**
 * One blob.
 *
 * @param path within the container: letters, digits, {@code . _ - /}, at most {@value
 *     #MAX_PATH_LENGTH}, not beginning or ending with a slash
 */
public record BlobName(BlobContainer container, String path) {
  public static final int MAX_PATH_LENGTH = 512;
}
