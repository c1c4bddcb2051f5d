/** The operator's HTTP port: metrics for Prometheus. */
@NullMarked
package io.kveik.server.admin;

import org.jspecify.annotations.NullMarked;
