/**
 * The values everything else speaks of: keys, namespaces, headers, ack levels. Depends on nothing.
 */
@NullMarked
package io.kveik.server.block;

import org.jspecify.annotations.NullMarked;
