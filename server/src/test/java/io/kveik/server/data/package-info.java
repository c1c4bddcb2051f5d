/** Tests of the raw data port. */
@NullMarked
package io.kveik.server.data;

import org.jspecify.annotations.NullMarked;
