/** Tests of what clients make of payloads. */
@NullMarked
package io.kveik.client.codec;

import org.jspecify.annotations.NullMarked;
