package io.kveik.server.block;

import java.util.Locale;

/**
 * What the numbers of a payload are, as far as its writer said. Only helps to store payloads in
 * less room: blocks are told apart by {@link Model#dtype}, letter by letter.
 */
public enum ElementType {
  /** Not said, or nothing known here: the v1 wire has no field for it. */
  UNDECLARED(0, 1),
  /** Sign, 8 bits of exponent, 7 of fraction. */
  BF16(1, 2),
  /** IEEE 754 binary16. */
  FP16(2, 2),
  /** IEEE 754 binary32. */
  FP32(3, 4),
  /** Any of the 8-bit formats. */
  FP8(4, 1);

  private static final ElementType[] BY_CODE = values();

  /** Ends the name of the type in a dtype; what follows says how the payload came to be. */
  private static final char PARAMETERS = ';';

  private final int code;
  private final int widthBytes;

  ElementType(int code, int widthBytes) {
    this.code = code;
    this.widthBytes = widthBytes;
  }

  /** Its number in stored headers; never given to another type. */
  public int code() {
    return code;
  }

  /** Bytes of one number; 1 where that is not known. */
  public int widthBytes() {
    return widthBytes;
  }

  /** The type with that number; undeclared for one that a later version may have written. */
  public static ElementType ofCode(int code) {
    return code >= 0 && code < BY_CODE.length ? BY_CODE[code] : UNDECLARED;
  }

  /**
   * Reads the names that engines give: {@code bf16}, {@code bfloat16}, {@code torch.float16},
   * {@code half}, {@code fp8_e4m3} and their like, in either case, up to the first semicolon.
   *
   * @return undeclared for anything else
   */
  public static ElementType of(String dtype) {
    int end = dtype.indexOf(PARAMETERS);
    String name = (end < 0 ? dtype : dtype.substring(0, end)).strip().toLowerCase(Locale.ROOT);
    name = name.startsWith("torch.") ? name.substring("torch.".length()) : name;
    return switch (name) {
      case "bf16", "bfloat16" -> BF16;
      case "fp16", "f16", "float16", "half" -> FP16;
      case "fp32", "f32", "float32", "float" -> FP32;
      case "fp8", "float8", "f8" -> FP8;
      default -> name.matches("(fp8|float8|f8)[_-]?e[45]m[23][a-z]*") ? FP8 : UNDECLARED;
    };
  }
}
