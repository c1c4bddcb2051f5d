package io.kveik.client;

/**
 * What must agree for KV bytes to be interchangeable. The server's limits on texts are 256
 * characters each, without control characters.
 *
 * @param name of the model; not empty
 * @param revision of its weights
 * @param dtype of the payload, such as bf16 or fp8_e4m3
 * @param layout of the payload, such as page_first
 * @param parallelism this rank's part, such as tp=2/4,pp=0/1
 * @param adapter such as a LoRA's name
 * @param blockTokens tokens of a full block, 1 to 65,536
 */
public record BlockModel(
    String name,
    String revision,
    String dtype,
    String layout,
    String parallelism,
    String adapter,
    int blockTokens) {
  /** Refuses an empty name and a block without tokens. */
  public BlockModel {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("name is empty");
    }
    if (blockTokens < 1) {
      throw new IllegalArgumentException("blockTokens: " + blockTokens + ", must be 1 or more");
    }
  }

  /** The same model in numbers of another type. */
  BlockModel withDtype(String other) {
    return new BlockModel(name, revision, other, layout, parallelism, adapter, blockTokens);
  }

  /** A model of which only that is known. */
  public static BlockModel of(String name, int blockTokens) {
    return new BlockModel(name, "", "", "", "", "", blockTokens);
  }
}
