/**
 * Blocks brought to DRAM before they are asked for, by what engines say of their conversations'
 * turns.
 */
@NullMarked
package io.kveik.server.prefetch;

import org.jspecify.annotations.NullMarked;
