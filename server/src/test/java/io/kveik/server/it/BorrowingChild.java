package io.kveik.server.it;

import io.kveik.client.data.SameHostTransport;
import io.kveik.client.data.SocketTransportOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;

/** A client in a process of its own that borrows a block and is killed while it reads. */
final class BorrowingChild {
  private BorrowingChild() {}

  /**
   * Arguments: the socket, a ticket, a block's id, both in hex. Says {@code reading}, then hangs.
   */
  public static void main(String[] args) throws Exception {
    byte[] ticket = HexFormat.of().parseHex(args[1]);
    byte[] id = HexFormat.of().parseHex(args[2]);
    try (SameHostTransport transport =
        SameHostTransport.open(
            Path.of(args[0]), SocketTransportOptions.defaults(), (_, _) -> ticket)) {
      transport.borrow(
          List.of(id),
          Duration.ofMinutes(5),
          (_, _) -> {
            System.out.println("reading");
            waitForTheEnd();
          });
    }
  }

  private static void waitForTheEnd() {
    try {
      Thread.currentThread().join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  static Process start(String socket, byte[] ticket, byte[] id) throws java.io.IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            BorrowingChild.class.getName(),
            socket,
            HexFormat.of().formatHex(ticket),
            HexFormat.of().formatHex(id))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }
}
