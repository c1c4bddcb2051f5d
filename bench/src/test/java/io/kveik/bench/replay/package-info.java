@NullMarked
package io.kveik.bench.replay;

import org.jspecify.annotations.NullMarked;
