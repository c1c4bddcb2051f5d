package io.kveik.server.block;

/**
 * The unit of isolation and sharing: blocks are found only within the namespace they were written
 * to.
 *
 * @param tenant the customer, from the credential or the account, never from a message
 * @param resource v1's {@code resource_name}: a storage account of the tenant
 * @param container v1's {@code container_name}
 * @param partition v1's {@code partition_key}, a model or session scope; may be empty
 * @param model what else must agree for KV bytes to be interchangeable (model, revision, dtype,
 *     layout, parallelism, block size, adapter), as {@link Model#canonical}; {@link
 *     #UNDECLARED_MODEL} on the v1 wire, which has no field for it
 * @param elementType of its payloads, as {@code model} declares it; no part of the fingerprint
 */
public record Namespace(
    String tenant,
    String resource,
    String container,
    String partition,
    String model,
    ElementType elementType) {
  public static final String UNDECLARED_MODEL = "";
}
