/** Blocks read where the server keeps them: memory of the server's host, mapped and leased. */
@NullMarked
package io.kveik.client.samehost;

import org.jspecify.annotations.NullMarked;
