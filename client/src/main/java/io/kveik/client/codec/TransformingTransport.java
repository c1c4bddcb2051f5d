package io.kveik.client.codec;

import io.kveik.client.data.BlockTransport;
import io.kveik.client.data.Deadline;
import io.kveik.client.data.LoadItem;
import io.kveik.client.data.LoadResult;
import io.kveik.client.data.StoreItem;
import io.kveik.client.data.StoreResult;
import io.kveik.client.data.TransportException;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Stores blocks in another form over another transport, and gives them back in the caller's.
 *
 * <p>The work is done on the calling thread, in memory of the call's own: the blocks of a call are
 * taken in turns of {@value #SCRATCH_BYTES} bytes of it, or one block where that takes more. A
 * checksum that the caller gives is of bytes that are not stored, and is not used.
 */
public final class TransformingTransport implements BlockTransport {
  /** The most memory that a call takes, unless one block takes more. */
  static final long SCRATCH_BYTES = 64L << 20;

  private final BlockTransport transport;
  private final PayloadTransform transform;

  /**
   * @param transport of the stored form; closed with this
   */
  public TransformingTransport(BlockTransport transport, PayloadTransform transform) {
    this.transport = transport;
    this.transform = transform;
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException for a part of a block that does not begin and end with a
   *     number, or of a compressed one
   */
  @Override
  public List<LoadResult> load(List<LoadItem> items, Duration deadline) throws TransportException {
    items.forEach(item -> TransformedLoad.check(transform, item));
    Deadline until = Deadline.after(deadline);
    List<LoadResult> results = new ArrayList<>(items.size());
    while (results.size() < items.size()) {
      List<LoadItem> turn = turn(items, results.size(), LoadItem::mostBytes);
      try {
        results.addAll(loadTurn(turn, until.left()));
      } catch (TransportException e) {
        List<@Nullable LoadResult> answered = new ArrayList<>(results);
        answered.addAll(
            Collections.<@Nullable LoadResult>nCopies(items.size() - results.size(), null));
        throw e.withAnswered(answered);
      }
    }
    return results;
  }

  @Override
  public List<StoreResult> store(List<StoreItem> items, Duration deadline)
      throws TransportException {
    Deadline until = Deadline.after(deadline);
    List<StoreResult> results = new ArrayList<>(items.size());
    while (results.size() < items.size()) {
      List<StoreItem> turn = turn(items, results.size(), item -> item.payload().byteSize());
      results.addAll(storeTurn(turn, until.left()));
    }
    return results;
  }

  @Override
  public void close() {
    transport.close();
  }

  private List<LoadResult> loadTurn(List<LoadItem> items, Duration limit)
      throws TransportException {
    try (Arena arena = Arena.ofShared()) {
      List<TransformedLoad> loads =
          items.stream().map(item -> new TransformedLoad(transform, item, arena)).toList();
      List<LoadResult> loaded =
          transport.load(loads.stream().map(TransformedLoad::storedItem).toList(), limit);
      List<LoadResult> restored = new ArrayList<>(items.size());
      for (int i = 0; i < items.size(); i++) {
        restored.add(loads.get(i).restored(loaded.get(i)));
      }
      return restored;
    }
  }

  private List<StoreResult> storeTurn(List<StoreItem> items, Duration limit)
      throws TransportException {
    List<@Nullable StoreResult> refusals = new ArrayList<>(items.size());
    List<StoreItem> stored = new ArrayList<>(items.size());
    try (Arena arena = Arena.ofShared()) {
      for (StoreItem item : items) {
        StoreResult refusal = TransformedStore.refusal(transform, item);
        refusals.add(refusal);
        if (refusal == null) {
          stored.add(TransformedStore.storedItem(transform, item, arena));
        }
      }
      List<StoreResult> answers = new ArrayList<>(items.size());
      int next = 0;
      List<StoreResult> answered = stored.isEmpty() ? List.of() : transport.store(stored, limit);
      for (StoreResult refusal : refusals) {
        answers.add(refusal != null ? refusal : answered.get(next++));
      }
      return answers;
    }
  }

  /** The items from there on that fit into the memory of a turn; one at least. */
  private <T> List<T> turn(List<T> items, int from, ToLongFunction<T> rawBytes) {
    long bytes = 0;
    int to = from;
    do {
      bytes += transform.scratchBytes(rawBytes.applyAsLong(items.get(to)));
      to++;
    } while (to < items.size()
        && bytes + transform.scratchBytes(rawBytes.applyAsLong(items.get(to))) <= SCRATCH_BYTES);
    return items.subList(from, to);
  }
}
