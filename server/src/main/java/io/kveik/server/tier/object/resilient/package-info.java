/**
 * What makes an unreliable store bearable, whatever its vendor: deadlines, retries on a budget,
 * hedged reads, adaptive concurrency and a circuit breaker, each kept per storage account.
 */
@NullMarked
package io.kveik.server.tier.object.resilient;

import org.jspecify.annotations.NullMarked;
