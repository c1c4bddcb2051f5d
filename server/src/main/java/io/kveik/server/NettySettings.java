package io.kveik.server;

import java.util.Map;

/** Settings of Netty and gRPC that are read from system properties when their classes load. */
final class NettySettings {
  private static final Map<String, String> SETTINGS =
      Map.of(
          // gRPC would make a second allocator of its own beside Netty's, with caches per thread.
          "io.grpc.netty.useCustomAllocator", "false",
          // A stack trace at every hundredth buffer; leaks are looked for in the tests.
          "io.netty.leakDetection.level", "disabled");

  private NettySettings() {}

  /** Sets those that the command line leaves open. To be called before either is used. */
  static void apply() {
    SETTINGS.forEach((name, value) -> {
      if (System.getProperty(name) == null) {
        System.setProperty(name, value);
      }
    });
  }
}
