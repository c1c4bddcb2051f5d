package io.kveik.server.recording;

import io.kveik.server.telemetry.Meters;

/** The recorder's status as meters. */
public final class RecordingMeters {
  private RecordingMeters() {}

  public static void bind(AccessRecorder recorder, Meters meters) {
    meters
        .of(recorder::status)
        .counter("kveik.record.requests", "Requests recorded.", RecordingStatus::requests)
        .counter("kveik.record.dropped", "Requests not recorded.", RecordingStatus::dropped)
        .counter("kveik.record.failures", "Failed writes.", RecordingStatus::writeFailures)
        .gauge("kveik.record.paused", "1 after a failed write.", s -> s.paused() ? 1 : 0)
        .gauge("kveik.record.bytes", "Bytes of all files.", RecordingStatus::fileBytes)
        .gauge("kveik.record.queued.blocks", "Blocks that wait.", RecordingStatus::waitingBlocks);
  }
}
