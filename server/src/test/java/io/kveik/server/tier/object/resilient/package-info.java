/** Retries, hedges, breakers and limits, with time that moves only when a test says so. */
@NullMarked
package io.kveik.server.tier.object.resilient;

import org.jspecify.annotations.NullMarked;
