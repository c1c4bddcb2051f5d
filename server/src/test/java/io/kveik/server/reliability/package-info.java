/** What the store promises when its process dies: tests that kill it. */
@NullMarked
package io.kveik.server.reliability;

import org.jspecify.annotations.NullMarked;
