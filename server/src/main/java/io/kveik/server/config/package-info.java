/**
 * Every setting there is: one catalogue that flags, file, environment and {@code config explain}
 * are all made from.
 */
@NullMarked
package io.kveik.server.config;

import org.jspecify.annotations.NullMarked;
