package io.kveik.server.block;

/**
 * Names a block to a tier: its key, which is its identity, and its namespace, which tells a shared
 * tier in whose storage account the block lies.
 */
public record BlockRef(Fingerprint namespace, BlockKey key) {}
