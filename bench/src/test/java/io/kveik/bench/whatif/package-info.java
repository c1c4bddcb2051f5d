@NullMarked
package io.kveik.bench.whatif;

import org.jspecify.annotations.NullMarked;
