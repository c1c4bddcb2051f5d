package io.kveik.server.memory;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Reads a slab's extents in physical order from the tags alone. */
final class Extents {

  record Extent(long offset, long bytes, boolean free) {}

  private Extents() {}

  static List<Extent> of(MemorySegment slab) {
    List<Extent> extents = new ArrayList<>();
    long offset = ExtentDescriptor.FIRST_OFFSET;
    long previousGranules = 0;
    while (true) {
      if (!ExtentDescriptor.isGuarded(slab, offset)
          || ExtentDescriptor.previousGranules(slab, offset) != previousGranules) {
        throw new AssertionError("broken tag at " + offset + " after " + extents);
      }
      int state = ExtentDescriptor.state(slab, offset);
      if (state == ExtentDescriptor.END) {
        return extents;
      }
      if (state != ExtentDescriptor.USED && state != ExtentDescriptor.FREE) {
        throw new AssertionError("unknown state at " + offset + " after " + extents);
      }
      previousGranules = ExtentDescriptor.granules(slab, offset);
      long bytes = previousGranules * ExtentDescriptor.GRANULE_BYTES;
      extents.add(new Extent(offset, bytes, state == ExtentDescriptor.FREE));
      offset += bytes;
    }
  }
}
