/** Tests of meters. */
@NullMarked
package io.kveik.server.telemetry;

import org.jspecify.annotations.NullMarked;
