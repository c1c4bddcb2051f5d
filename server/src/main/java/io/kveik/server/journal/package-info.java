/** What the engine must remember across restarts beside the blocks themselves. */
@NullMarked
package io.kveik.server.journal;

import org.jspecify.annotations.NullMarked;
