package io.kveik.client;

/**
 * Names one block that a lookup found. A read checks that the block it gets carries this label.
 *
 * @param label the label that the block was written with (see {@link ChainLabels})
 * @param location where the block is: opaque, at most 1,024 characters, good on every server of the
 *     cluster
 */
public record BlockRef(long label, String location) {
  /** Refuses an empty location. */
  public BlockRef {
    if (location.isEmpty()) {
      throw new IllegalArgumentException("location is empty");
    }
  }

  @Override
  public String toString() {
    return ChainLabels.format(label) + " at " + location;
  }
}
