/** Tests of the data port's frames. */
@NullMarked
package io.kveik.client.data.frame;

import org.jspecify.annotations.NullMarked;
