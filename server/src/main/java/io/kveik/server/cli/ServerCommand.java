package io.kveik.server.cli;

import io.kveik.server.config.Configuration;
import io.kveik.server.config.Setting;
import io.kveik.server.config.Settings;
import io.kveik.server.telemetry.Logging;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code ./kveik server}: runs a server until SIGTERM or Ctrl-C, then drains it. */
@Command(
    name = "server",
    description = "Runs a server in the foreground until SIGTERM or Ctrl-C.",
    sortOptions = false,
    footer = {
      "",
      "Prints one line 'ready host=... port=... admin=...' once it serves.",
      "Example: ./kveik server --port 8085 --dram-bytes 8GiB --log-level error --disable-metrics"
    })
public final class ServerCommand implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(ServerCommand.class);

  /** Flags of the original that mean something of their own here: said once, when given. */
  private static final List<Setting> MAPPED_FLAGS =
      List.of(Settings.TRANSPORT, Settings.DISABLE_MULTI_NIC);

  private final ServerRunner runner;

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets spec before it calls
  public ServerCommand(ServerRunner runner) {
    this.runner = runner;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Configuration config = ConfigOptions.read(spec.commandLine().getParseResult());
    Logging.configure(config.text(Settings.LOG_LEVEL), config.on(Settings.ENABLE_SDK_LOGGING));
    for (Setting setting : MAPPED_FLAGS) {
      if (config.value(setting).source() != Configuration.Source.DEFAULT) {
        LOG.info("{}: {}", setting.flag(), setting.mapsTo());
      }
    }
    ServerRunner.Running server = runner.start(config, System.out);
    CountDownLatch stopped = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  LOG.info("draining");
                  server.close();
                  LOG.info("stopped");
                  stopped.countDown();
                },
                "shutdown"));
    System.out.println(
        "ready host="
            + config.text(Settings.HOST)
            + " port="
            + server.port()
            + " admin="
            + (server.adminPort().isPresent() ? server.adminPort().getAsInt() : "off"));
    System.out.flush();
    stopped.await();
    return CommandLine.ExitCode.OK;
  }
}
