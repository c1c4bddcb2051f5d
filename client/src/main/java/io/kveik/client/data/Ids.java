package io.kveik.client.data;

import io.kveik.client.data.frame.DataFrameDescriptor;

/** What an engine's block id must be. */
final class Ids {
  private Ids() {}

  /**
   * @throws IllegalArgumentException when its length is outside the limits
   */
  static void check(String field, byte[] id) {
    if (id.length < DataFrameDescriptor.MIN_ID_BYTES
        || id.length > DataFrameDescriptor.MAX_ID_BYTES) {
      throw new IllegalArgumentException(
          "%s: %d bytes, must be %d to %d"
              .formatted(
                  field,
                  id.length,
                  DataFrameDescriptor.MIN_ID_BYTES,
                  DataFrameDescriptor.MAX_ID_BYTES));
    }
  }
}
