/** Who a request belongs to: accounts, tenant keys, namespaces and a cache of what was resolved. */
@NullMarked
package io.kveik.server.tenant;

import org.jspecify.annotations.NullMarked;
