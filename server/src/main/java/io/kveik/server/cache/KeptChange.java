package io.kveik.server.cache;

import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.cache.KeptSetting.Subject;
import io.kveik.server.cache.KeptSetting.Value;
import io.kveik.server.cache.SelectionChange.Step;
import java.io.IOException;
import java.util.function.Function;

/**
 * A change of what the index knows of blocks that outlives the process: durable, slice by slice,
 * before it is answered. What is set for a whole namespace is one entry, made at the end; it speaks
 * of what was written before the change began. Belongs to one thread, which it blocks on I/O.
 */
final class KeptChange implements SelectionChange.Change {
  private final KeptSettings kept;
  private final WriteClock writeClock;
  private final Fingerprint namespace;
  private final Value value;
  private final boolean ofNamespace;
  private final Function<BlockRef, Step> change;
  private final long begunMillis;
  private long sliceMillis;

  /**
   * @param value what is set
   * @param change sets it in the index
   */
  KeptChange(
      KeptSettings kept,
      WriteClock writeClock,
      Fingerprint namespace,
      Selector selector,
      Value value,
      Function<BlockRef, Step> change) {
    this.kept = kept;
    this.writeClock = writeClock;
    this.namespace = namespace;
    this.value = value;
    // Not all that a pin is asked for gets one.
    this.ofNamespace =
        selector instanceof Selector.Everything && !value.equals(new Value.Pinned(true));
    this.change = change;
    this.begunMillis = writeClock.cutOffMillis();
    this.sliceMillis = begunMillis;
  }

  @Override
  public void sliceBegins() {
    sliceMillis = writeClock.cutOffMillis();
  }

  @Override
  public Step apply(IndexedBlock block) {
    Subject subject =
        ofNamespace ? new Subject.OfNamespace(namespace) : new Subject.OfBlock(block.ref());
    if (!kept.admits(subject, value)) {
      return new Step.Refused(
          "limits.kept-settings", kept.count() + " settings are kept, of all namespaces together");
    }
    Step step = change.apply(block.ref());
    if (!ofNamespace && step instanceof Step.Changed) {
      kept.note(new KeptSetting(subject, value, sliceMillis));
    }
    return step;
  }

  @Override
  public void sliceEnds() throws IOException {
    kept.sync();
  }

  @Override
  public void ends() throws IOException {
    if (ofNamespace) {
      kept.note(new KeptSetting(new Subject.OfNamespace(namespace), value, begunMillis));
      kept.sync();
    }
  }
}
