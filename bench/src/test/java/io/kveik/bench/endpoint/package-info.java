@NullMarked
package io.kveik.bench.endpoint;

import org.jspecify.annotations.NullMarked;
