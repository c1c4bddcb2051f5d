package io.kveik.server.process;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command line of one more JVM with this JVM's program and class path. Stateless. */
public final class JavaCommand {
  /** What every JVM of ours needs: off-heap memory through java.lang.foreign, and Netty's. */
  private static final List<String> NEEDED_FLAGS =
      List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow");

  private JavaCommand() {}

  /**
   * The command up to the main class; arguments go behind it.
   *
   * @param jvmFlags such as {@code -Xmx256m}, behind what every JVM of ours needs
   */
  public static List<String> of(List<String> jvmFlags, String mainClass) {
    List<String> command = new ArrayList<>();
    command.add(
        ProcessHandle.current()
            .info()
            .command()
            .orElseGet(() -> Path.of(System.getProperty("java.home"), "bin", "java").toString()));
    command.addAll(NEEDED_FLAGS);
    command.addAll(jvmFlags);
    command.addAll(List.of("-cp", classPath(), mainClass));
    return command;
  }

  private static String classPath() {
    List<String> absolute = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      absolute.add(Path.of(entry).toAbsolutePath().toString());
    }
    return String.join(File.pathSeparator, absolute);
  }
}
