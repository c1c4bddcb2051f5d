package io.kveik.server.codec;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** How payloads are compressed. */
public enum CodecKind {
  /** As they are. */
  NONE(0),
  /** LZ4 blocks: repeated bytes, at memory speed. Gains nothing on floats. */
  LZ4(1),
  /** Zstandard at level 1; floats of a declared type are split into byte planes first. */
  ZSTD(2);

  private final int code;

  CodecKind(int code) {
    this.code = code;
  }

  /** Its number in stored bytes; never given to another codec. */
  public int code() {
    return code;
  }

  /** Its name in settings. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The codec with that number; empty for one that this version does not know. */
  public static Optional<CodecKind> ofCode(int code) {
    return Arrays.stream(values()).filter(kind -> kind.code == code).findFirst();
  }

  /**
   * Reads the value of a setting.
   *
   * @throws IllegalArgumentException naming the value and those that there are
   */
  public static CodecKind of(String text) {
    return Arrays.stream(values())
        .filter(kind -> kind.key().equals(text))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "codec: \"%s\", must be one of %s"
                    .formatted(
                        text,
                        Arrays.stream(values())
                            .map(CodecKind::key)
                            .collect(Collectors.joining(", ")))));
  }
}
