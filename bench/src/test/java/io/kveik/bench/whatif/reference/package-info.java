/** Tests of the reference caches. */
@NullMarked
package io.kveik.bench.whatif.reference;

import org.jspecify.annotations.NullMarked;
