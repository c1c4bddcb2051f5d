/** The DRAM tier: blocks in one slab of off-heap memory, found through one concurrent map. */
@NullMarked
package io.kveik.server.tier.dram;

import org.jspecify.annotations.NullMarked;
