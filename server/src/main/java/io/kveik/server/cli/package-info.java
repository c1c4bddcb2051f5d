/** The command line: {@code ./kveik COMMAND}. Knows no adapter; what it runs is handed to it. */
@NullMarked
package io.kveik.server.cli;

import org.jspecify.annotations.NullMarked;
