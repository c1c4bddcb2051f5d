package io.kveik.server.rpc.call;

import io.kveik.server.runtime.Clock;
import io.kveik.server.telemetry.Rpc;
import io.kveik.server.telemetry.RpcMeters;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What every handler needs besides its own business: the time, the meters and the request log.
 *
 * <p>A request is logged at verbose, with the ids its client gave; a failed one at info.
 */
public record CallContext(Clock clock, RpcMeters meters) {
  private static final Logger LOG = LoggerFactory.getLogger("io.kveik.requests");

  public void succeeded(
      Rpc rpc,
      String completionId,
      long startNanos,
      long storageNanos,
      long bytes,
      String outcome) {
    long totalNanos = clock.nanoTime() - startNanos;
    meters.record(rpc, true, totalNanos, storageNanos, bytes);
    if (LOG.isDebugEnabled()) {
      LOG.debug(
          "{} request={} completion={} {} in {} us",
          rpc.label(),
          BadRequest.shown(RequestIds.current()),
          BadRequest.shown(completionId),
          outcome,
          totalNanos / 1_000);
    }
  }

  public void failed(Rpc rpc, String completionId, long startNanos, String error) {
    long totalNanos = clock.nanoTime() - startNanos;
    meters.record(rpc, false, totalNanos, 0, 0);
    LOG.info(
        "{} request={} completion={} refused: {}",
        rpc.label(),
        BadRequest.shown(RequestIds.current()),
        BadRequest.shown(completionId),
        error);
  }
}
