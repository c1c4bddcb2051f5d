package io.kveik.server.tier;

import io.kveik.server.block.BlockHeader;

/** What a find found. */
public sealed interface FindOutcome {
  record Found(BlockHeader header) implements FindOutcome {}

  record Absent() implements FindOutcome {}

  /** The tier could not; whether the block is there is unknown. */
  record Failed(String reason) implements FindOutcome {}
}
