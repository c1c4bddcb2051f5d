package io.kveik.bench.run;

import io.kveik.client.KveikException;

/** Tells failures that a store may answer with from those that end a run. Stateless. */
public final class Failures {
  private Failures() {}

  /**
   * True when a busy or full store may answer so: over a limit, refused, or late. An engine takes
   * that as a miss; a run counts it and goes on.
   */
  public static boolean isLegal(KveikException failure) {
    return switch (failure.code()) {
      case DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, REFUSED -> true;
      case UNAVAILABLE,
          INVALID_ARGUMENT,
          DENIED,
          PROTOCOL,
          MEMORY_TOO_SMALL,
          INTERRUPTED,
          INTERNAL ->
          false;
    };
  }

  /**
   * An outcome for a failure that a store may answer with.
   *
   * @throws KveikException when it may not
   */
  public static <T> T refusedOrThrow(KveikException failure, T refused) {
    if (!isLegal(failure)) {
      throw failure;
    }
    return refused;
  }
}
