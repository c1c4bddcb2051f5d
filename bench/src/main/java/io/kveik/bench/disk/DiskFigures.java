package io.kveik.bench.disk;

/**
 * Medians over the rounds, bytes of payload a second; and the time of a start over what was
 * written.
 */
public record DiskFigures(
    double rawWrite,
    double tierWrite,
    double rawRead,
    double tierRead,
    double openMillis,
    double listMillis) {
  public double writeRatio() {
    return tierWrite / rawWrite;
  }

  public double readRatio() {
    return tierRead / rawRead;
  }
}
