package io.kveik.server;

import io.kveik.server.config.ConfigException;
import io.kveik.server.config.Configuration;
import io.kveik.server.config.RecordingSettings;
import io.kveik.server.config.Settings;
import io.kveik.server.recording.AccessRecorder;
import io.kveik.server.recording.RecordingOptions;
import io.kveik.server.runtime.Clock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** The access recording from its settings. */
final class RecordingWiring {
  private RecordingWiring() {}

  /** Empty when nothing is to be recorded. */
  static Optional<AccessRecorder> open(Configuration config, Clock clock) {
    String directory = config.text(RecordingSettings.DIR);
    if (directory.isEmpty()) {
      return Optional.empty();
    }
    RecordingOptions options =
        new RecordingOptions(
            Path.of(directory),
            config.count(RecordingSettings.SAMPLE),
            config.number(RecordingSettings.BYTES_LIMIT),
            config.count(RecordingSettings.QUEUE),
            config.count(Settings.LIMIT_NAMESPACES),
            config.number(Settings.TIER_RETRY_MILLIS));
    try {
      return Optional.of(AccessRecorder.open(options, clock));
    } catch (IOException e) {
      throw new ConfigException(
          "%s: '%s' can't be made or read: %s"
              .formatted(RecordingSettings.DIR.key(), directory, e.toString()));
    }
  }
}
