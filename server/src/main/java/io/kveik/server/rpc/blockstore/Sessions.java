package io.kveik.server.rpc.blockstore;

import io.kveik.server.cache.CacheEngine;
import io.kveik.server.rpc.call.BadRequest;
import io.kveik.server.session.BlockSession;
import io.kveik.server.tenant.Namespaces;
import io.kveik.wire.nativev1.Namespace;

/** From the namespace that a request names to the session in it. Any thread. */
final class Sessions {
  private final CacheEngine engine;
  private final Namespaces namespaces;
  private final BlockStoreRules rules;

  Sessions(CacheEngine engine, Namespaces namespaces, BlockStoreRules rules) {
    this.engine = engine;
    this.namespaces = namespaces;
    this.rules = rules;
  }

  BlockSession of(Namespace namespace) throws BadRequest {
    rules.check(namespace);
    return namespaces
        .of(
            namespace.getResource(),
            namespace.getContainer(),
            namespace.getPartition(),
            rules.model(namespace.getModel()))
        .map(keys -> new BlockSession(engine, keys))
        .orElseThrow(() ->
            BadRequest.ofText(
                "namespace.resource", namespace.getResource(), "a registered account"));
  }
}
