package io.kveik.bench.fleet;

import io.kveik.bench.load.Slice;
import io.kveik.bench.load.Workload;
import io.kveik.bench.store.StoreSettings;

/**
 * The first line to a worker.
 *
 * @param workload what its clients do
 * @param settings what drivers need to know
 * @param clients the most of its own that are used at a time
 * @param slice which of the workers it is
 */
record Setup(Workload workload, StoreSettings settings, int clients, Slice slice) {}
