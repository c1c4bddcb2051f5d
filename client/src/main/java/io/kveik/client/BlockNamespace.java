package io.kveik.client;

import io.kveik.client.codec.PayloadTransform;

/**
 * Where blocks of the native service live: found are only those stored under exactly these values.
 *
 * @param scope account, container and partition
 * @param model whose KV the blocks hold
 */
public record BlockNamespace(BlockScope scope, BlockModel model) {
  /** Where blocks of it lie that are stored with that transform. */
  BlockNamespace storedWith(PayloadTransform transform) {
    return new BlockNamespace(scope, model.withDtype(transform.storedDtype(model.dtype())));
  }

  @Override
  public String toString() {
    return scope + " (" + model.name() + ")";
  }
}
