/** Tests of what lies in the transport's buffers. */
@NullMarked
package io.kveik.client.inplace;

import org.jspecify.annotations.NullMarked;
