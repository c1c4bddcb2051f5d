/** Tests of transports that need no server. */
@NullMarked
package io.kveik.client.data;

import org.jspecify.annotations.NullMarked;
