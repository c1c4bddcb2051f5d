package io.kveik.server.cache;

import io.kveik.server.block.Fingerprint;
import io.kveik.server.block.TurnEnd;

/**
 * Is told what the engine is asked for. Called on the callers' threads, before they are answered:
 * must neither block nor throw. Thread-safe.
 */
public interface AccessObserver {
  /**
   * A lookup begins.
   *
   * @param chain all it asks for; only {@link Chain#blocks} and {@link Chain#describe} may be used
   */
  void lookedUp(Fingerprint namespace, Chain chain);

  /**
   * A block is offered for storing, whether it is there already or not.
   *
   * @param tokenCount tokens that it holds the KV of
   * @param bodyBytes payload and attributes
   */
  void offered(Fingerprint namespace, int tokenCount, int bodyBytes);

  /**
   * A client tells why the turn ended that used these blocks last.
   *
   * @param chain as in {@link #lookedUp}
   * @param blocks how many of it, from the first on
   */
  void turnEnded(Fingerprint namespace, Chain chain, int blocks, TurnEnd end);

  /** One that looks away. */
  static AccessObserver none() {
    return None.INSTANCE;
  }

  /** See {@link #none}. */
  enum None implements AccessObserver {
    INSTANCE;

    @Override
    public void lookedUp(Fingerprint namespace, Chain chain) {}

    @Override
    public void offered(Fingerprint namespace, int tokenCount, int bodyBytes) {}

    @Override
    public void turnEnded(Fingerprint namespace, Chain chain, int blocks, TurnEnd end) {}
  }
}
