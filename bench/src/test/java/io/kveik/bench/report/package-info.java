@NullMarked
package io.kveik.bench.report;

import org.jspecify.annotations.NullMarked;
