package io.kveik.server.telemetry;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/** Sets up logging in code: one line an event, on standard error, without reading any file. */
public final class Logging {
  private static final String PATTERN =
      "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level %logger{0} %replace(%msg){'[\\p{Cntrl}]','?'}%n%ex";

  private Logging() {}

  /**
   * @param level error, info or verbose
   * @param librariesToo also what gRPC, Netty and the SDKs of storage say, secrets apart
   */
  public static void configure(String level, boolean librariesToo) {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern(PATTERN);
    encoder.start();
    ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
    console.setContext(context);
    console.setTarget("System.err");
    console.setEncoder(encoder);
    console.start();
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.addAppender(console);
    root.setLevel(librariesToo ? Level.DEBUG : Level.WARN);
    Level own =
        switch (level) {
          case "error" -> Level.ERROR;
          case "verbose" -> Level.DEBUG;
          default -> Level.INFO;
        };
    context.getLogger("io.kveik").setLevel(own);
    // Below this it logs URLs, and a shared access signature is part of one.
    context.getLogger("reactor.netty").setLevel(librariesToo ? Level.WARN : Level.ERROR);
    if (!librariesToo) {
      // What a hostile client sends is no news at any level; what we make of it is in our own log.
      context.getLogger("io.grpc").setLevel(Level.OFF);
      context.getLogger("io.netty").setLevel(Level.ERROR);
      // What a storage account did is in our own log and meters.
      context.getLogger("com.azure").setLevel(Level.OFF);
      if (own == Level.ERROR) {
        root.setLevel(Level.ERROR);
      }
    }
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
  }
}
