package io.kveik.server.block;

/** Why a model stopped generating: tells how soon the conversation goes on. */
public enum TurnEnd {
  UNKNOWN,
  /** The model had said what it had to say; a person may answer or not. */
  END_TURN,
  /** A tool runs and its result follows, most often within seconds. */
  TOOL_USE,
  MAX_TOKENS,
  STOP_SEQUENCE,
  /** The client gave up. */
  CANCELLED
}
