package io.kveik.server.tier.object;

import java.net.URI;

class MemoryBlobStoreTest extends BlobStoreContract {
  private int containers;

  @Override
  protected BlobStore openStore() {
    return new MemoryBlobStore();
  }

  @Override
  protected BlobContainer newContainer() {
    return new BlobContainer("memory", URI.create("memory:/"), "c" + containers++);
  }

  @Override
  protected BlobStore openUnreachable() {
    MemoryBlobStore store = new MemoryBlobStore();
    store.setFaults(call ->
        new MemoryBlobStore.Fault(
            new BlobFailure(BlobFailure.Kind.UNAVAILABLE, 0, "nobody there"), false));
    return store;
  }
}
