/**
 * Lossless compression of payloads for tiers below DRAM: {@link io.kveik.server.codec.PayloadCodec}
 * is the way in. What a tier keeps beside the encoded bytes is an {@link
 * io.kveik.server.codec.Encoding}. Everything lies in native memory; the compressors' own types
 * stay in here.
 */
@NullMarked
package io.kveik.server.codec;

import org.jspecify.annotations.NullMarked;
