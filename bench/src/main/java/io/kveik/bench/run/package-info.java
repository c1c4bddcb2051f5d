/** What every run needs: threads that end together, and an early end that keeps the figures. */
@NullMarked
package io.kveik.bench.run;

import org.jspecify.annotations.NullMarked;
