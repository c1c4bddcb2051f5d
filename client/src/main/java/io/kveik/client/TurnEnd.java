package io.kveik.client;

/** Why a model stopped generating, as an engine may tell the store: see {@link TurnHints}. */
public enum TurnEnd {
  UNKNOWN,
  END_TURN,
  /** A tool runs; its result follows. */
  TOOL_USE,
  MAX_TOKENS,
  STOP_SEQUENCE,
  CANCELLED
}
