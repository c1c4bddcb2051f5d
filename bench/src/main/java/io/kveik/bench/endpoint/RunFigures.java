package io.kveik.bench.endpoint;

import com.google.gson.JsonObject;
import io.kveik.bench.report.ByteSizes;
import java.time.Duration;
import java.util.Optional;

/**
 * What client and server used during a run.
 *
 * @param server at the end of the run; empty when it is not ours to look at
 * @param serverCpuTime of the server during the run
 * @param client at the end of the run
 */
public record RunFigures(
    Optional<ProcessFigures> server, Duration serverCpuTime, ProcessFigures client) {

  /** From the start of a run to now, its end. */
  public static RunFigures since(
      Optional<ProcessFigures> serverAtStart, Optional<ProcessFigures> server) {
    Duration before = serverAtStart.map(ProcessFigures::cpuTime).orElse(Duration.ZERO);
    Duration after = server.map(ProcessFigures::cpuTime).orElse(before);
    return new RunFigures(server, after.minus(before), ProcessFigures.ofSelf());
  }

  /** One line for people. */
  public String describe() {
    String ofServer =
        server
            .map(s ->
                "server %s resident, %s at most, %.1f s CPU; "
                    .formatted(
                        ByteSizes.format(s.residentBytes()),
                        ByteSizes.format(s.peakResidentBytes()),
                        serverCpuTime.toMillis() / 1e3))
            .orElse("");
    return ofServer
        + "client %s resident, %s at most"
            .formatted(
                ByteSizes.format(client.residentBytes()),
                ByteSizes.format(client.peakResidentBytes()));
  }

  /** Memory in bytes; the server's only where it is known. */
  public JsonObject memoryToJson() {
    JsonObject json = new JsonObject();
    server.ifPresent(s -> {
      json.addProperty("serverResidentBytes", s.residentBytes());
      json.addProperty("serverPeakResidentBytes", s.peakResidentBytes());
    });
    json.addProperty("clientResidentBytes", client.residentBytes());
    json.addProperty("clientPeakResidentBytes", client.peakResidentBytes());
    return json;
  }
}
