package io.kveik.server.it;

import io.kveik.server.Main;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server in a process of its own, started as an operator starts it. */
record ServerChild(Process process, int port, BufferedReader output) {
  private static final Pattern READY = Pattern.compile("ready host=\\S+ port=(\\d+) admin=.*");

  static ServerChild start(Path dataDirectory, int heapMegabytes, String... flags)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:TieredStopAtLevel=1",
                "-Xmx" + heapMegabytes + "m",
                "-cp",
                System.getProperty("java.class.path", ""),
                Main.class.getName(),
                "server",
                "--port",
                "0",
                "--admin-port",
                "off",
                "--data-dir",
                dataDirectory.toString()));
    command.addAll(List.of(flags));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    BufferedReader output = process.inputReader();
    StringBuilder seen = new StringBuilder();
    String line;
    while ((line = output.readLine()) != null) {
      Matcher ready = READY.matcher(line);
      if (ready.matches()) {
        return new ServerChild(process, Integer.parseInt(ready.group(1)), output);
      }
      seen.append(line).append('\n');
    }
    process.destroyForcibly();
    throw new IOException("the server did not get ready:\n" + seen);
  }
}
