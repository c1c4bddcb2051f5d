/**
 * What tiers that encode payloads have in common: {@link io.kveik.server.tier.encoded.BodyCodec}
 * makes of a block the body that is stored, and a block of that again. Which bytes of a tier say
 * how a body is encoded is the tier's own matter.
 */
@NullMarked
package io.kveik.server.tier.encoded;

import org.jspecify.annotations.NullMarked;
