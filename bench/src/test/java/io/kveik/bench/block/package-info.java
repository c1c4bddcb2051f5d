@NullMarked
package io.kveik.bench.block;

import org.jspecify.annotations.NullMarked;
