package io.kveik.bench.contest;

import io.kveik.bench.endpoint.RunFigures;
import io.kveik.bench.load.Measurement;

/**
 * One contender at one point in one round.
 *
 * @param measurement by the clients
 * @param figures what its server used meanwhile
 */
record Sample(Measurement measurement, RunFigures figures) {}
