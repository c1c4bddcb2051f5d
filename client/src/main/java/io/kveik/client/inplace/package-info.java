/**
 * Messages parsed in the transport's own buffers: payloads never become byte arrays on the Java
 * heap. Client and server share it.
 */
@NullMarked
package io.kveik.client.inplace;

import org.jspecify.annotations.NullMarked;
