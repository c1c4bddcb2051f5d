@NullMarked
package io.kveik.bench;

import org.jspecify.annotations.NullMarked;
