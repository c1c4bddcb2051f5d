@NullMarked
package io.kveik.server.process;

import org.jspecify.annotations.NullMarked;
