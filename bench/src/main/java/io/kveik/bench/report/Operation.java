package io.kveik.bench.report;

/** What latencies are kept of. */
public enum Operation {
  /** One lookup. */
  LOOKUP("lookup", "lookup"),
  /** The wait for the next block: of a stream, or of a read of its own. */
  READ_BLOCK("read", "read, per block"),
  /** One stream, from its request until its last block was compared. */
  READ_STREAM("readStream", "read, per stream"),
  /** One write. */
  WRITE("write", "write");

  private final String key;
  private final String title;

  Operation(String key, String title) {
    this.key = key;
    this.title = title;
  }

  /** Its name for programs. */
  public String key() {
    return key;
  }

  /** Its name for people. */
  public String title() {
    return title;
  }
}
