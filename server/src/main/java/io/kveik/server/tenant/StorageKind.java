package io.kveik.server.tenant;

/** What kind of storage an account is with. */
public enum StorageKind {
  AZURE,
  S3
}
