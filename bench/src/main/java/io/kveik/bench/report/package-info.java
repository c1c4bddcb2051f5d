/** How runs speak to people and programs: progress, tables, latencies, JSON, and clean text. */
@NullMarked
package io.kveik.bench.report;

import org.jspecify.annotations.NullMarked;
