@NullMarked
package io.kveik.server.journal;

import org.jspecify.annotations.NullMarked;
