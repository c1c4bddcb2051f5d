package io.kveik.server.rpc.call;

/**
 * What one call has sent and its client has not taken yet. Once the call is {@link #gone}, nothing
 * is held and nothing can be taken. Any thread.
 */
public final class UnsentAnswer {
  private final UnsentBytes.Account account;
  private long taken;
  private boolean gone;

  public UnsentAnswer(UnsentBytes.Account account) {
    this.account = account;
  }

  /** False when there is no room, or nobody to send to any more. */
  public synchronized boolean take(long bytes) {
    if (gone || !account.take(bytes)) {
      return false;
    }
    taken += bytes;
    return true;
  }

  /** The client has taken everything sent so far. */
  public synchronized void drained() {
    account.giveBack(taken);
    taken = 0;
  }

  public synchronized void gone() {
    gone = true;
    drained();
  }

  public String limit() {
    return account.limit();
  }
}
