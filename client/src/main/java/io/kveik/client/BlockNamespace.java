package io.kveik.client;

/**
 * Where blocks of the native service live: found are only those stored under exactly these values.
 *
 * @param scope account, container and partition
 * @param model whose KV the blocks hold
 */
public record BlockNamespace(BlockScope scope, BlockModel model) {
  @Override
  public String toString() {
    return scope + " (" + model.name() + ")";
  }
}
