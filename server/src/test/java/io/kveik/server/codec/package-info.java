/** Tests of the codec. */
@NullMarked
package io.kveik.server.codec;

import org.jspecify.annotations.NullMarked;
