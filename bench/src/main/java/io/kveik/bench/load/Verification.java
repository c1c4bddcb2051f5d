package io.kveik.bench.load;

import java.util.Locale;

/** How what was read is compared with what was written. */
public enum Verification {
  /** The first and the last 8 bytes: next to nothing, and shows any other block. */
  ENDS,
  /** The first and the last 8 bytes, and 8 of every 4,096: shows any other or missing page. */
  SAMPLE,
  /** A CRC32C over every byte. */
  FULL;

  /** Its name on the command line. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
