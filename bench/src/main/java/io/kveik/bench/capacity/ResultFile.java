package io.kveik.bench.capacity;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.kveik.bench.output.ResultJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads the operating points of the measured store from the JSON of a run. Stateless. */
public final class ResultFile {
  /** The largest file that is read. */
  static final long MAX_BYTES = 256L << 20;

  private ResultFile() {}

  /**
   * The points.
   *
   * @throws IllegalArgumentException with a message for the user, when it is no such file
   */
  public static List<ServerPoint> read(Path file) throws IOException {
    if (Files.size(file) > MAX_BYTES) {
      throw new IllegalArgumentException(
          "%s has %,d bytes, the limit is %,d".formatted(file, Files.size(file), MAX_BYTES));
    }
    try {
      JsonObject json = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
      JsonElement schema = json.get("schema");
      if (schema == null || !schema.getAsString().equals(ResultJson.SCHEMA)) {
        throw new IllegalArgumentException(
            file + " is not the JSON of a benchmark: its schema is not " + ResultJson.SCHEMA);
      }
      List<ServerPoint> points = new ArrayList<>();
      for (JsonElement point :
          json.getAsJsonArray("stores").get(0).getAsJsonObject().getAsJsonArray("points")) {
        points.add(point(point.getAsJsonObject()));
      }
      return points;
    } catch (JsonParseException
        | IllegalStateException
        | IndexOutOfBoundsException
        | NullPointerException e) {
      throw new IllegalArgumentException(file + " is not the JSON of a benchmark: " + e, e);
    }
  }

  private static ServerPoint point(JsonObject point) {
    return new ServerPoint(
        point.get("concurrency").getAsInt(),
        point.get("tokensPerSecond").getAsDouble(),
        latency(point, "read", "p50"),
        latency(point, "read", "p99"),
        latency(point, "lookup", "p50"),
        latency(point, "lookup", "p99"));
  }

  private static double latency(JsonObject point, String operation, String percentile) {
    JsonElement figures = point.getAsJsonObject("operations").get(operation);
    return figures == null
        ? 0
        : figures.getAsJsonObject().getAsJsonObject("latencyMicros").get(percentile).getAsDouble();
  }
}
