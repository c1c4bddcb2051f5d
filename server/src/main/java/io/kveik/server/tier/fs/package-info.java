/**
 * The embedded object tier: one file per block under a root directory, created conditionally and
 * durable when acknowledged, checked on every read. Needs nothing but a file system.
 */
@NullMarked
package io.kveik.server.tier.fs;

import org.jspecify.annotations.NullMarked;
