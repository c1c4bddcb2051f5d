package io.kveik.server.telemetry;

import java.util.Locale;

/** The RPCs that are measured; their names are the {@code method} label. */
public enum Rpc {
  LOOKUP("Lookup"),
  READ("Read"),
  WRITE("Write"),
  STREAMING_READ("StreamingRead"),
  MATCH("Match"),
  LOAD("Load"),
  STORE("Store"),
  QUERY("Query"),
  DELETE("Delete"),
  SET_PRIORITY("SetPriority"),
  SET_TTL("SetTtl"),
  SET_EVICTION_POLICY("SetEvictionPolicy"),
  PREFETCH("Prefetch"),
  PIN("Pin"),
  UNPIN("Unpin");

  private final String label;

  Rpc(String label) {
    this.label = label;
  }

  public String label() {
    return label;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
