package io.kveik.server.tier.fs;

import io.kveik.server.block.BlockKey;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Names under the root directory, all of them made of block keys and counters, none of what a
 * request says.
 *
 * <pre>
 *   kveik.lock                        held by the process that has the tier open
 *   blocks/aa/bb/aabb....kvb          one file per block; 64 hex digits of the key, fan-out by the
 *                                     first two bytes: 65,536 leaf directories
 *   tmp/NONCE-COUNTER.tmp             files being written
 *   quarantine/NUMBER-aabb....kvb     files that failed a check
 * </pre>
 *
 * @param root the tier's own directory, absolute
 */
record FsLayout(Path root) {
  /** Leaf directories, numbered by the first two bytes of the keys in them. */
  static final int LEAVES = 1 << 16;

  static final String BLOCK_SUFFIX = ".kvb";
  private static final int KEY_DIGITS = 2 * BlockKey.BYTES;

  static int leafOf(BlockKey key) {
    return (int) (key.w0() >>> 48);
  }

  Path lockFile() {
    return root.resolve("kveik.lock");
  }

  Path blocks() {
    return root.resolve("blocks");
  }

  Path temporaries() {
    return root.resolve("tmp");
  }

  Path quarantine() {
    return root.resolve("quarantine");
  }

  Path temporary(long nonce, long counter) {
    return temporaries().resolve(String.format(Locale.ROOT, "%016x-%d.tmp", nonce, counter));
  }

  /** The directory above a leaf. */
  Path branch(int leaf) {
    return blocks().resolve(HexFormat.of().toHexDigits((byte) (leaf >>> 8)));
  }

  Path leaf(int leaf) {
    return branch(leaf).resolve(HexFormat.of().toHexDigits((byte) leaf));
  }

  Path file(BlockKey key) {
    return leaf(leafOf(key)).resolve(key.toHex() + BLOCK_SUFFIX);
  }

  /** Whether this entry of {@link #blocks} is named as the directories above leaves are. */
  static boolean isBranch(Path directory) {
    return isHex(lastName(directory), 2);
  }

  /** The number of the leaf that this entry of a branch is; -1 when it is not named as one. */
  static int leafAt(Path branch, Path directory) {
    String high = lastName(branch);
    String low = lastName(directory);
    return isHex(high, 2) && isHex(low, 2) ? HexFormat.fromHexDigits(high + low) : -1;
  }

  /** The key that a file of this leaf is named by; null when the name is none of ours. */
  static @Nullable BlockKey keyAt(int leaf, Path file) {
    String name = lastName(file);
    if (!name.endsWith(BLOCK_SUFFIX)) {
      return null;
    }
    String digits = name.substring(0, name.length() - BLOCK_SUFFIX.length());
    if (!isHex(digits, KEY_DIGITS)) {
      return null;
    }
    BlockKey key = BlockKey.of(HexFormat.of().parseHex(digits));
    return leafOf(key) == leaf ? key : null;
  }

  private static String lastName(Path path) {
    return String.valueOf(path.getFileName());
  }

  /** Lower case only: a name that differs in case alone is another file, and not ours. */
  private static boolean isHex(String digits, int length) {
    return digits.length() == length
        && digits.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
  }
}
