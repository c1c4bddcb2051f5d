/** What every gRPC service needs around its own business: refusals, ids, accounts, meters. */
@NullMarked
package io.kveik.server.rpc.call;

import org.jspecify.annotations.NullMarked;
