package io.kveik.bench.fleet;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import io.kveik.bench.load.Counts;
import io.kveik.bench.load.Measurement;
import io.kveik.bench.report.HeatMap;
import io.kveik.bench.report.Latencies;
import io.kveik.bench.report.Operation;
import java.util.Base64;
import java.util.EnumMap;
import java.util.Map;

/** A measurement as one JSON object, without loss. Stateless. */
final class MeasurementJson {
  private static final Gson GSON = new Gson();

  private MeasurementJson() {}

  static JsonObject write(Measurement measurement) {
    JsonObject json = new JsonObject();
    json.add("counts", GSON.toJsonTree(measurement.counts()));
    json.addProperty("elapsedNanos", measurement.elapsedNanos());
    json.addProperty("offered", measurement.offered());
    JsonObject histograms = new JsonObject();
    measurement
        .latencies()
        .encode()
        .forEach((operation, bytes) ->
            histograms.addProperty(operation.name(), Base64.getEncoder().encodeToString(bytes)));
    json.add("histograms", histograms);
    json.addProperty("columnSeconds", measurement.heat().columnSeconds());
    json.add("heat", measurement.heat().toJson());
    return json;
  }

  static Measurement read(JsonObject json) {
    Map<Operation, byte[]> histograms = new EnumMap<>(Operation.class);
    json.getAsJsonObject("histograms")
        .asMap()
        .forEach((operation, text) ->
            histograms.put(
                Operation.valueOf(operation), Base64.getDecoder().decode(text.getAsString())));
    Latencies latencies = new Latencies();
    latencies.addEncoded(histograms);
    HeatMap heat = new HeatMap(json.get("columnSeconds").getAsInt());
    heat.addJson(json.getAsJsonObject("heat"));
    return new Measurement(
        latencies,
        heat,
        GSON.fromJson(json.get("counts"), Counts.class),
        json.get("elapsedNanos").getAsLong(),
        json.get("offered").getAsLong());
  }
}
