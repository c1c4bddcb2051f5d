package io.kveik.client;

import java.util.Arrays;
import java.util.Objects;

/**
 * What is known of a block besides its payload.
 *
 * @param label the writer's label of the block (see {@link ChainLabels})
 * @param parentLabel the label of the block before it; 0 for the first
 * @param tokens the tokens of this block, {@link KveikClient#BLOCK_TOKENS} of them; not copied
 * @param completionId the completion that wrote it; may be empty
 * @param length bytes of payload
 */
@SuppressWarnings("ArrayRecordComponent") // Tokens are long[] everywhere; equality is by content.
public record BlockInfo(
    long label, long parentLabel, long[] tokens, String completionId, int length) {

  @Override
  public boolean equals(Object other) {
    return other instanceof BlockInfo that
        && label == that.label
        && parentLabel == that.parentLabel
        && Arrays.equals(tokens, that.tokens)
        && completionId.equals(that.completionId)
        && length == that.length;
  }

  @Override
  public int hashCode() {
    return Objects.hash(label, parentLabel, Arrays.hashCode(tokens), completionId, length);
  }

  @Override
  public String toString() {
    return "block %s (parent %s, %d tokens, %d bytes)"
        .formatted(
            ChainLabels.format(label), ChainLabels.format(parentLabel), tokens.length, length);
  }
}
