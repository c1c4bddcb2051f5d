package io.kveik.server.cache.eviction;

import io.kveik.server.block.TurnEnd;
import io.kveik.server.memory.RecordMemory;
import java.util.Optional;
import java.util.function.Function;

/**
 * Decides which block of one bounded tier goes next. Server and simulator run the same
 * implementations: a policy knows of blocks only what it is told here, and names them by dense ids
 * (1, 2, ...; used again after {@link #evicted} or {@link #removed}), by which it keeps what it
 * needs of its own in off-heap {@link io.kveik.server.memory.Records}. It is not told the tier's
 * capacity: that is what the tier holds when it first asks for a victim.
 *
 * <p>The policy never picks a held block: one with a child in the same tier, or one still being
 * written behind. A block comes in free; {@link #held} and {@link #released} alternate from there.
 *
 * <p>Single-threaded: in the server, called only under the index's lock. No call may allocate on
 * the heap for each block, and each is O(1) or O(log n) amortised.
 */
public interface EvictionPolicy {
  /** No block. */
  int NONE = 0;

  /** Makes policies whose records lie in a given memory, which outlives them. */
  interface Factory extends Function<RecordMemory, EvictionPolicy> {
    /** The kind that they are, where they are of one that has a name. */
    default Optional<PolicyKind> kind() {
      return Optional.empty();
    }
  }

  /**
   * Makes sure that blocks up to this id can come in without asking the system for memory.
   *
   * @throws OutOfMemoryError when the system refuses it: nothing changed
   */
  default void prepare(int highestId) {}

  /** A prompt was looked up, whether or not any block was there: for policies, time goes on. */
  void requested();

  /**
   * A block came into the tier.
   *
   * @param id nobody has it now
   * @param traits what is known of it; good only during the call
   */
  void inserted(int id, BlockTraits traits);

  /**
   * It was used. For a whole prefix the calls come deepest block first, so the root is youngest.
   */
  void touched(int id);

  /**
   * The client has told why the turn ended that used the block last. Whether that says when it
   * comes back, a policy has to learn; most do nothing.
   */
  default void hinted(int id, TurnEnd end) {}

  /**
   * It left the tier to make room, and may come back.
   *
   * @param identity as it was {@link #inserted} with
   */
  void evicted(int id, long identity);

  /** It left the tier for another reason, held or not. */
  void removed(int id);

  /** It must not be picked from now on. */
  void held(int id);

  /** It may be picked again. */
  void released(int id);

  /**
   * The least valuable block that is not held, or {@link #NONE}; stays until another call, which is
   * {@link #evicted} or {@link #spared}.
   */
  int victim();

  /** The victim stays this once, as if it had been used now; nothing is learnt from that. */
  void spared(int id);
}
