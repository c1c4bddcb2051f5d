package io.kveik.client.inplace;

/** What becomes of a call's answers besides going to the thread that waits for them. */
@FunctionalInterface
public interface Handover<A> {
  /** Releases an answer that nobody will see. */
  void discard(A answer);

  /**
   * Sees an answer first, on the transport's thread, while somebody waits for it: who gives up
   * meanwhile waits until this has returned.
   */
  default void arrived(A answer) {}
}
