/** Tests of tenants and keys. */
@NullMarked
package io.kveik.server.tenant;

import org.jspecify.annotations.NullMarked;
