package io.kveik.server.tier.nvme;

/** How segments are read and written. */
public enum IoMode {
  /** Past the page cache: the disk's own speed, and no memory but the tier's own. */
  DIRECT,
  /** Through the page cache. */
  BUFFERED,
  /** Direct where the file system can. */
  AUTO
}
