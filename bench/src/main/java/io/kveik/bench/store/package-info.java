/**
 * What can be loaded: one small interface, and a driver for each wire. A new wire is a new {@link
 * io.kveik.bench.store.BlockStore} and a line in {@link io.kveik.bench.store.Protocol}.
 */
@NullMarked
package io.kveik.bench.store;

import org.jspecify.annotations.NullMarked;
