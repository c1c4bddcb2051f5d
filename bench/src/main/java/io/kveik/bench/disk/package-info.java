/** The nvme tier beside raw direct I/O on the same disk. */
@NullMarked
package io.kveik.bench.disk;

import org.jspecify.annotations.NullMarked;
