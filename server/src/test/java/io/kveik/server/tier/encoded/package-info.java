/** Tests of what tiers that encode have in common. */
@NullMarked
package io.kveik.server.tier.encoded;

import org.jspecify.annotations.NullMarked;
