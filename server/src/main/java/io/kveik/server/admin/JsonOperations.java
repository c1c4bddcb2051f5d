package io.kveik.server.admin;

import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;

/** What the operator's port offers beside figures: named operations, JSON in and JSON out. */
public interface JsonOperations {
  /**
   * An answer.
   *
   * @param status of HTTP
   * @param body JSON
   */
  record Answer(int status, String body) {}

  boolean knows(String operation);

  /**
   * Does one; blocks nobody.
   *
   * @param operation one that is known
   * @param stop true once nobody waits any more; any thread may ask it
   */
  CompletionStage<Answer> call(String operation, String json, BooleanSupplier stop);
}
