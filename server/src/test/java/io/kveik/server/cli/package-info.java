/** Tests of the command line, against a real server in the same process. */
@NullMarked
package io.kveik.server.cli;

import org.jspecify.annotations.NullMarked;
