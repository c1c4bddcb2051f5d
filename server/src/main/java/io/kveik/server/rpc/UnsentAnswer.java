package io.kveik.server.rpc;

/**
 * What one call has sent and its client has not taken yet. Once the call is {@link #gone}, nothing
 * is held and nothing can be taken. Any thread.
 */
final class UnsentAnswer {
  private final UnsentBytes.Account account;
  private long taken;
  private boolean gone;

  UnsentAnswer(UnsentBytes.Account account) {
    this.account = account;
  }

  /** False when there is no room, or nobody to send to any more. */
  synchronized boolean take(long bytes) {
    if (gone || !account.take(bytes)) {
      return false;
    }
    taken += bytes;
    return true;
  }

  /** The client has taken everything sent so far. */
  synchronized void drained() {
    account.giveBack(taken);
    taken = 0;
  }

  synchronized void gone() {
    gone = true;
    drained();
  }

  String limit() {
    return account.limit();
  }
}
