@NullMarked
package io.kveik.server.recording;

import org.jspecify.annotations.NullMarked;
