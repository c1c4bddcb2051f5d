package io.kveik.server;

import io.kveik.server.cli.KveikCommand;
import io.kveik.server.cli.ServerRunner;
import io.kveik.server.config.Configuration;
import io.kveik.server.demo.DemoCommand;
import io.kveik.server.telemetry.Logging;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.OptionalInt;

/** Entry point of {@code ./kveik}: hands the command line what it can run. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    NettySettings.apply();
    // Before any library logs; commands with a log level of their own set it again.
    Logging.configure("info", false);
    System.exit(
        KveikCommand.create(Main::start, new StorageTrial(), List.of(new DemoCommand()))
            .execute(args));
  }

  private static ServerRunner.Running start(Configuration config, PrintStream console)
      throws IOException {
    KveikServer server = KveikServer.start(config, console);
    return new ServerRunner.Running() {
      @Override
      public int port() {
        return server.port();
      }

      @Override
      public OptionalInt adminPort() {
        return server.adminPort();
      }

      @Override
      public void close() {
        server.close();
      }
    };
  }
}
