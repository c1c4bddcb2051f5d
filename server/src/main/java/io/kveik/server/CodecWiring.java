package io.kveik.server;

import io.kveik.server.codec.CodecKind;
import io.kveik.server.codec.CodecOptions;
import io.kveik.server.config.CodecSettings;
import io.kveik.server.config.Configuration;
import io.kveik.server.config.Setting;

/** Makes a tier's codec options from the settings. */
final class CodecWiring {
  private CodecWiring() {}

  /**
   * @param kind the tier's own setting
   */
  static CodecOptions options(Configuration config, Setting kind) {
    return new CodecOptions(
        CodecKind.of(config.text(kind)),
        config.count(CodecSettings.CONCURRENCY),
        config.number(CodecSettings.SCRATCH_BYTES));
  }
}
