package io.kveik.bench.peer;

import io.kveik.bench.endpoint.ProcessFigures;
import io.kveik.bench.store.StoreAddress;
import java.io.IOException;
import java.util.Optional;

/** Something that a run loads and measures. It serves until it is closed. */
public interface Contender extends AutoCloseable {
  /** What it is in a comparison. */
  enum Role {
    /** What is to be measured. */
    SUBJECT,
    /** Another store. */
    PEER,
    /** A limit of the machine. */
    LIMIT
  }

  /** Its name in reports; no other contender of the run has it. */
  String name();

  /** What it is in a comparison. */
  Role role();

  /** What it is, for people. */
  String description();

  /** Where it is and what it speaks. */
  StoreAddress address();

  /** What its server uses now; empty when there is none, or none that is ours to look at. */
  Optional<ProcessFigures> figures();

  /** It is about to be warmed up and measured once; {@link #endTurn} comes behind it. */
  default void beginTurn() throws IOException, InterruptedException {}

  /** Its turn is over, however it ended. */
  default void endTurn() {}

  @Override
  void close();
}
