/** Tests of the engine. */
@NullMarked
package io.kveik.server.cache;

import org.jspecify.annotations.NullMarked;
