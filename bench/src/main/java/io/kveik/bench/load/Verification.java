package io.kveik.bench.load;

import java.util.Locale;

/** How what was read is compared with what was written. */
public enum Verification {
  /** The first and the last 8 bytes, and 8 of every 4,096: cheap, and shows any other block. */
  SAMPLE,
  /** A CRC32C over every byte. */
  FULL;

  /** Its name on the command line. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
