@NullMarked
package io.kveik.bench.trace;

import org.jspecify.annotations.NullMarked;
