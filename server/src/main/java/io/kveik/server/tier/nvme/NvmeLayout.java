package io.kveik.server.tier.nvme;

import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names under the root directory, all of them made of counters.
 *
 * <pre>
 *   kveik.lock               held by the process that has the tier open
 *   segments/NNNNN.kvs       one file per segment, by slot; used again for one segment after another
 *   probe.tmp                while a start learns what the file system can do
 * </pre>
 *
 * @param root the tier's own directory, absolute
 */
record NvmeLayout(Path root) {
  /** Segment files there can be; what 16 bits of a {@link Location} name. */
  static final int MAX_SLOTS = 1 << Location.SLOT_BITS;

  private static final Pattern SEGMENT = Pattern.compile("([0-9]{5})\\.kvs");

  Path lockFile() {
    return root.resolve("kveik.lock");
  }

  Path segments() {
    return root.resolve("segments");
  }

  Path segment(int slot) {
    return segments().resolve(String.format(Locale.ROOT, "%05d.kvs", slot));
  }

  /** The slot that a file of {@link #segments} is named by; -1 when the name is none of ours. */
  static int slotOf(Path file) {
    Matcher matcher = SEGMENT.matcher(String.valueOf(file.getFileName()));
    if (!matcher.matches()) {
      return -1;
    }
    int slot = Integer.parseInt(matcher.group(1));
    return slot < MAX_SLOTS ? slot : -1;
  }
}
