package io.kveik.client;

import io.kveik.wire.v1.ReadResponse;

/** What an answer to a read comes to. */
sealed interface ReadOutcome {
  /** The block that was asked for; its payload is unchecked. The caller closes it. */
  record Hit(ReceivedRead read) implements ReadOutcome {}

  /** The store has no such block. */
  record Miss() implements ReadOutcome {}

  /** The store sent another block than the one asked for. */
  record Mislabelled() implements ReadOutcome {}

  /** The store answered that it can't serve the request. */
  record Refused(String error) implements ReadOutcome {}

  /** Judges an answer, and closes it unless it is a hit. */
  static ReadOutcome of(BlockRef ref, ReceivedRead read) {
    ReadResponse message = read.message();
    if (message.getSuccess() && message.getFound() && message.hasChunk()) {
      if (message.getChunk().getHash() == ref.label()) {
        return new Hit(read);
      }
      read.close();
      return new Mislabelled();
    }
    read.close();
    return message.getSuccess() ? new Miss() : new Refused(message.getError());
  }
}
