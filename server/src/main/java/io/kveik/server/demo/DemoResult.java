package io.kveik.server.demo;

import java.util.List;

/**
 * What came out.
 *
 * @param tenants in the order of their conversations
 * @param spiedBlocks blocks of other tenants that were asked for by tokens and by location
 * @param blocksAcrossTenants how many of them were seen; 0 or isolation is broken
 * @param wallNanos of the whole demo
 */
record DemoResult(
    DemoOptions options,
    List<Tenant> tenants,
    long spiedBlocks,
    long blocksAcrossTenants,
    long wallNanos) {
  private static final double NANOS_PER_SECOND = 1e9;

  /**
   * One tenant's part.
   *
   * @param conversation its name
   */
  record Tenant(String name, String conversation, TenantStats stats) {}

  DemoResult {
    tenants = List.copyOf(tenants);
  }

  TenantStats total() {
    TenantStats total = new TenantStats();
    tenants.forEach(tenant -> total.add(tenant.stats()));
    return total;
  }

  double wallSeconds() {
    return wallNanos / NANOS_PER_SECOND;
  }

  /** True when every promise was kept. */
  boolean passed() {
    return blocksAcrossTenants == 0 && total().keptItsPromises();
  }
}
