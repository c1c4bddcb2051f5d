package io.kveik.bench.trace;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A made-up trace: so many requests of sessions of stated shapes, the same for the same seed. For
 * figures on traffic that no policy was tuned on.
 *
 * @param kind what traffic it is like
 * @param seed of all its randomness
 * @param requests how many there are
 */
public record SyntheticTrace(Kind kind, long seed, int requests) implements TraceSource {
  static final String PREFIX = "synthetic:";
  static final String FORM =
      PREFIX
          + Arrays.stream(Kind.values()).map(Kind::key).collect(Collectors.joining("|"))
          + "[,seed=N][,requests=N]";

  /** The most requests. */
  public static final int MAX_REQUESTS = 1_000_000;

  private static final int DEFAULT_REQUESTS = 20_000;
  private static final long HOUR_MILLIS = 3_600_000;

  /**
   * Sessions of a shape that start within a time.
   *
   * @param perSecond how many start, as a Poisson process
   */
  record Arrivals(SessionShape shape, double perSecond, long fromMillis, long toMillis) {
    static Arrivals always(SessionShape shape, double perSecond) {
      return new Arrivals(shape, perSecond, 0, Long.MAX_VALUE);
    }
  }

  /** The kinds of traffic. */
  public enum Kind {
    /** Multi-turn chat over shared system prompts of Zipf popularity. */
    CHAT,
    /** A few coding agents at a time. */
    AGENTS,
    /** Chat through which a scan of documents runs that nobody asks for again. */
    SCAN,
    /** 150 prompts in a loop, and some chat. */
    LOOP,
    /** Chat, agents and scan together. */
    MIXED,
    /** Chat for an hour, then agents in its stead. */
    SHIFT;

    List<Arrivals> arrivals() {
      return switch (this) {
        case CHAT -> List.of(Arrivals.always(SessionShape.CHAT, 1));
        case AGENTS -> List.of(Arrivals.always(SessionShape.AGENT, 0.02));
        case SCAN ->
            List.of(
                Arrivals.always(SessionShape.CHAT, 0.7), Arrivals.always(SessionShape.SCAN, 0.1));
        case LOOP ->
            List.of(
                new Arrivals(SessionShape.LOOP, 0.5, 0, 300_000),
                Arrivals.always(SessionShape.CHAT, 0.05));
        case MIXED ->
            List.of(
                Arrivals.always(SessionShape.CHAT, 0.5),
                Arrivals.always(SessionShape.AGENT, 0.01),
                Arrivals.always(SessionShape.SCAN, 0.03));
        case SHIFT ->
            List.of(
                new Arrivals(SessionShape.CHAT, 1, 0, HOUR_MILLIS),
                new Arrivals(SessionShape.AGENT, 0.03, HOUR_MILLIS, Long.MAX_VALUE));
      };
    }

    String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public SyntheticTrace {
    if (requests < 1 || requests > MAX_REQUESTS) {
      throw new IllegalArgumentException(
          "requests=%d, must be 1 to %,d".formatted(requests, MAX_REQUESTS));
    }
  }

  /**
   * Reads {@value #PREFIX}NAME[,seed=N][,requests=N].
   *
   * @throws IllegalArgumentException with a message for the user
   */
  static SyntheticTrace parse(String text) {
    String[] parts = text.substring(PREFIX.length()).split(",", -1);
    long seed = 1;
    long requests = DEFAULT_REQUESTS;
    for (int i = 1; i < parts.length; i++) {
      if (parts[i].startsWith("seed=")) {
        seed = number(text, parts[i]);
      } else if (parts[i].startsWith("requests=")) {
        requests = number(text, parts[i]);
      } else {
        throw unknown(text);
      }
    }
    for (Kind kind : Kind.values()) {
      if (kind.key().equals(parts[0])) {
        return new SyntheticTrace(kind, seed, Math.clamp(requests, 0, Integer.MAX_VALUE));
      }
    }
    throw unknown(text);
  }

  @Override
  public String name() {
    return "%s%s,seed=%d,requests=%d".formatted(PREFIX, kind.key(), seed, requests);
  }

  @Override
  public RequestStream open() {
    return new SyntheticRequests(this);
  }

  private static long number(String text, String part) {
    try {
      return Long.parseLong(part.substring(part.indexOf('=') + 1));
    } catch (NumberFormatException e) {
      throw unknown(text);
    }
  }

  private static IllegalArgumentException unknown(String text) {
    return new IllegalArgumentException("'%s' is not %s".formatted(text, FORM));
  }
}
