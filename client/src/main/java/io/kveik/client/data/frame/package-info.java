/**
 * The raw data port's protocol, which client and server share: the layout of its frames and how
 * they go through a channel. Knows nothing of either side.
 */
@NullMarked
package io.kveik.client.data.frame;

import org.jspecify.annotations.NullMarked;
