package io.kveik.server.tenant;

import io.kveik.server.runtime.Randomness;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The 256 bits all tenant keys are derived from. Never leaves the server and never appears in a
 * log. Losing the file makes everything stored under it unreachable, never wrong.
 */
public final class MasterSecret {
  static final int BYTES = 32;
  private static final String FILE_NAME = "secret.key";

  private final byte[] bytes;

  private MasterSecret(byte[] bytes) {
    this.bytes = bytes;
  }

  /** For servers whose blocks need not be found again. */
  public static MasterSecret ephemeral() {
    return new MasterSecret(Randomness.secureBytes(BYTES));
  }

  /**
   * Reads the secret of a data directory, making one at the first start.
   *
   * @throws IOException when it can't be read or written, or is not 32 bytes long
   */
  public static MasterSecret ofDirectory(Path dataDirectory) throws IOException {
    Path file = dataDirectory.resolve(FILE_NAME);
    if (!Files.exists(file)) {
      create(dataDirectory, file);
    }
    byte[] bytes = Files.readAllBytes(file);
    if (bytes.length != BYTES) {
      throw new IOException(file + ": " + bytes.length + " bytes, must be exactly " + BYTES);
    }
    return new MasterSecret(bytes);
  }

  private static void create(Path directory, Path file) throws IOException {
    Path draft =
        Files.createTempFile(
            directory,
            FILE_NAME,
            ".tmp",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try {
      Files.write(draft, ephemeral().bytes, StandardOpenOption.SYNC);
      Files.createLink(file, draft);
    } catch (FileAlreadyExistsException e) {
      // Another server of this directory was faster; its secret is the one.
    } finally {
      Files.deleteIfExists(draft);
    }
  }

  byte[] derive(String purpose, String name) {
    return KeyedHash.under(bytes).text(purpose).text(name).digest();
  }
}
