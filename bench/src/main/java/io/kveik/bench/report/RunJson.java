package io.kveik.bench.report;

import com.google.gson.JsonObject;
import io.kveik.client.BlockScope;
import java.util.Optional;

/** What the JSON of all runs has alike. Stateless. */
public final class RunJson {
  private RunJson() {}

  /** Adds whether a run came to its end, and what kept it from that. */
  public static void addOutcome(JsonObject json, boolean complete, Optional<String> failure) {
    json.addProperty("complete", complete);
    failure.ifPresent(text -> json.addProperty("failure", text));
  }

  /** Adds where blocks are. */
  public static void addScope(JsonObject json, BlockScope scope) {
    json.addProperty("resource", scope.resource());
    json.addProperty("container", scope.container());
    json.addProperty("partition", scope.partition());
  }
}
