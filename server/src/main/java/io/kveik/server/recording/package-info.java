/** The access stream, recorded for the simulator: bounded, sampled, and never in the way. */
@NullMarked
package io.kveik.server.recording;

import org.jspecify.annotations.NullMarked;
