package io.kveik.server.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Drains what a server prints, so that a full pipe never stops it, and keeps its last lines.
 *
 * <p>{@link #run} belongs to one thread and ends with the process; any thread may ask. Holds {@link
 * #KEPT_LINES} lines of at most {@link #LINE_CHARS} characters, whatever the server prints.
 */
final class ServerOutput implements Runnable {
  /** The ports of a server that serves; the admin port is -1 where there is none. */
  record Ready(int port, int adminPort) {}

  static final int KEPT_LINES = 100;
  static final int LINE_CHARS = 1_000;

  private static final Pattern READY =
      Pattern.compile("ready host=\\S+ port=(\\d{1,5}) admin=(\\d{1,5}|off)");

  private final BufferedReader lines;
  private final CompletableFuture<Ready> ready = new CompletableFuture<>();
  private final ArrayDeque<String> kept = new ArrayDeque<>();

  ServerOutput(BufferedReader lines) {
    this.lines = lines;
  }

  /** Completes when the server says that it serves; exceptionally when its output ends before. */
  CompletableFuture<Ready> ready() {
    return ready;
  }

  /** The last lines, oldest first, free of control characters. */
  List<String> lines() {
    synchronized (kept) {
      return new ArrayList<>(kept);
    }
  }

  @Override
  public void run() {
    try (lines) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        keep(line);
        Matcher said = READY.matcher(line);
        if (said.matches()) {
          int admin = said.group(2).equals("off") ? -1 : Integer.parseInt(said.group(2));
          ready.complete(new Ready(Integer.parseInt(said.group(1)), admin));
        }
      }
      ready.completeExceptionally(new IOException("its output ended"));
    } catch (IOException e) {
      ready.completeExceptionally(e);
    }
  }

  private void keep(String line) {
    StringBuilder clean = new StringBuilder();
    line.codePoints()
        .limit(LINE_CHARS)
        .forEach(c ->
            clean.appendCodePoint(
                Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? '?' : c));
    synchronized (kept) {
      if (kept.size() == KEPT_LINES) {
        kept.removeFirst();
      }
      kept.addLast(clean.toString());
    }
  }
}
