/**
 * Payloads in fewer bytes than the caller has them in: lower precision, gzip, both opt-in and part
 * of what a block's namespace is. {@link io.kveik.client.codec.PayloadTransform} says which.
 */
@NullMarked
package io.kveik.client.codec;

import org.jspecify.annotations.NullMarked;
