package io.kveik.server.recording;

/** What a recording tells of, in the order in which it came. */
public sealed interface RecordedEvent permits RecordedRequest, RecordedTurnEnd {}
