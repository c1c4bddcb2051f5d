/** The commands of the bench: {@code replay} and {@code bench}. */
@NullMarked
package io.kveik.bench;

import org.jspecify.annotations.NullMarked;
