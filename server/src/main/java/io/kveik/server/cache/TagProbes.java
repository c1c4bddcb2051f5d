package io.kveik.server.cache;

/**
 * Tags to look up together, and what {@link TagTable#first(TagProbes)} found of each. Not
 * thread-safe.
 */
final class TagProbes {
  /**
   * Enough that the waits for memory overlap, of which a core has some twenty at a time; few enough
   * that what they bring, three or four lines each, stays in the first cache.
   */
  static final int CAPACITY = 32;

  final int[] tags = new int[CAPACITY];

  /** By place, {@link TagTable#version} before anything else was read. */
  final int[] versions = new int[CAPACITY];

  /** By place, the id of the tag's first entry; {@link io.kveik.server.memory.Records#NONE}. */
  final int[] ids = new int[CAPACITY];

  /** By place, the address of the line where the search begins. */
  final long[] lines = new long[CAPACITY];

  /** Places whose search goes on behind its first line. */
  final int[] unsettled = new int[CAPACITY];

  /** The lines after the first of those, where most of them end. */
  final long[] seconds = new long[CAPACITY];

  /** Of {@link io.kveik.server.memory.Records#peek}. */
  long peeked;

  private int size;

  void clear() {
    size = 0;
  }

  /** Adds a tag; at most {@link #CAPACITY} between two {@link #clear}s. */
  void add(int tag) {
    tags[size++] = tag;
  }

  int size() {
    return size;
  }
}
