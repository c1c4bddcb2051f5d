package io.kveik.client;

/**
 * Where blocks live: the three coordinates of the v1 wire.
 *
 * @param resource name of a storage account of the tenant; not empty
 * @param container name of a container in it; not empty
 * @param partition a model or session scope; may be empty
 */
public record BlockScope(String resource, String container, String partition) {
  /** Refuses an empty resource or container. */
  public BlockScope {
    if (resource.isEmpty()) {
      throw new IllegalArgumentException("resource is empty");
    }
    if (container.isEmpty()) {
      throw new IllegalArgumentException("container is empty");
    }
  }

  @Override
  public String toString() {
    return partition.isEmpty()
        ? resource + "/" + container
        : resource + "/" + container + "/" + partition;
  }
}
