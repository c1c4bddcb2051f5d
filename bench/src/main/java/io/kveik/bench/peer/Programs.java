package io.kveik.bench.peer;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Finds programs in PATH. Stateless. */
final class Programs {
  private Programs() {}

  /** Where a program is. */
  static Optional<Path> find(String name) {
    String path = System.getenv("PATH");
    if (path == null) {
      return Optional.empty();
    }
    for (String directory : path.split(File.pathSeparator, -1)) {
      Path program = Path.of(directory).resolve(name);
      if (!directory.isEmpty() && Files.isRegularFile(program) && Files.isExecutable(program)) {
        return Optional.of(program.toAbsolutePath());
      }
    }
    return Optional.empty();
  }

  /**
   * Where a program is.
   *
   * @param install how to get it
   * @throws IllegalArgumentException with a message for the user, when it is not there
   */
  static Path need(String name, String install) {
    return find(name)
        .orElseThrow(
            () -> new IllegalArgumentException(name + " is not in PATH; install it: " + install));
  }
}
