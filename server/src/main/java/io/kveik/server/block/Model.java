package io.kveik.server.block;

/**
 * What must agree for KV bytes to be interchangeable. Texts are without control characters, {@code
 * name} is not empty.
 *
 * @param dtype of the payload, such as bf16
 * @param layout of the payload, such as page_first
 * @param parallelism this rank's part, such as tp=2/4
 * @param blockTokens tokens of a full block
 */
public record Model(
    String name,
    String revision,
    String dtype,
    String layout,
    String parallelism,
    String adapter,
    int blockTokens) {
  public static final int MAX_TEXT_LENGTH = 256;
  public static final int MAX_BLOCK_TOKENS = 65_536;

  /** Stands between the parts of {@link #canonical}; in no part, being a control character. */
  private static final String SEPARATOR = "\n";

  /** Whether a model may have it for one of its texts; a name must not be empty, too. */
  public static boolean isText(String text) {
    return text.length() <= MAX_TEXT_LENGTH && text.chars().noneMatch(Character::isISOControl);
  }

  /** What the dtype says of the payload's numbers. */
  public ElementType elementType() {
    return ElementType.of(dtype);
  }

  /** One text for all of it; different models have different ones. */
  public String canonical() {
    return String.join(
        SEPARATOR,
        name,
        revision,
        dtype,
        layout,
        parallelism,
        adapter,
        Integer.toString(blockTokens));
  }
}
