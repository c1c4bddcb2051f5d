/**
 * The composition root: the only place that names every adapter. Everything else lives in the
 * packages below and is handed what it needs.
 */
@NullMarked
package io.kveik.server;

import org.jspecify.annotations.NullMarked;
