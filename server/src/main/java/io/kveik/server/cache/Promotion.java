package io.kveik.server.cache;

/** Which blocks that are read from below DRAM enter DRAM. */
public enum Promotion {
  ALWAYS,

  /**
   * While DRAM has room all of them; else those that are read from below for the second time while
   * the first is remembered, so that a scan of cold blocks pushes nothing out. The others are
   * served from the memory they were read into.
   */
  SECOND_USE
}
