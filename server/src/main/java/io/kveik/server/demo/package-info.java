/**
 * {@code ./kveik demo}: real conversations of three tenants against a real server in a process of
 * its own, which is killed half-way. Uses the client as any engine would; knows nothing of how the
 * server works.
 */
@NullMarked
package io.kveik.server.demo;

import org.jspecify.annotations.NullMarked;
