/** Time under a test's control. */
@NullMarked
package io.kveik.server.runtime;

import org.jspecify.annotations.NullMarked;
