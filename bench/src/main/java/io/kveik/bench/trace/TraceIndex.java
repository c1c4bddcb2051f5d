package io.kveik.bench.trace;

import java.io.IOException;
import java.nio.file.Path;

/**
 * What one pass over a trace tells: its sizes, and the number of every prefix in it. Immutable.
 *
 * @see #scan
 */
public final class TraceIndex {
  private final PrefixTrie trie;
  private final long requests;
  private final long accesses;
  private final long unboundedHits;
  private final long lastTimestampMillis;

  private TraceIndex(
      PrefixTrie trie, long requests, long accesses, long unboundedHits, long lastTimestampMillis) {
    this.trie = trie;
    this.requests = requests;
    this.accesses = accesses;
    this.unboundedHits = unboundedHits;
    this.lastTimestampMillis = lastTimestampMillis;
  }

  /**
   * Reads the trace once.
   *
   * @param maxRequests stops after that many
   */
  public static TraceIndex scan(Path file, long maxRequests) throws IOException {
    PrefixTrie trie = new PrefixTrie();
    long requests = 0;
    long accesses = 0;
    long unboundedHits = 0;
    long lastTimestampMillis = 0;
    try (TraceReader reader = TraceReader.open(file)) {
      while (requests < maxRequests) {
        TraceRequest request = reader.next();
        if (request == null) {
          break;
        }
        requests++;
        accesses += request.ids().length;
        lastTimestampMillis = Math.max(lastTimestampMillis, request.timestampMillis());
        int known = trie.size();
        int node = PrefixTrie.ROOT;
        for (long id : request.ids()) {
          node = insert(trie, node, id, file, reader.line());
          if (node < known) {
            unboundedHits++;
          }
        }
      }
    }
    return new TraceIndex(trie, requests, accesses, unboundedHits, lastTimestampMillis);
  }

  /**
   * The node of each id of a request of this trace.
   *
   * @throws IllegalStateException when the request was not part of the scan
   */
  public int[] nodesOf(TraceRequest request) {
    int[] nodes = new int[request.ids().length];
    int node = PrefixTrie.ROOT;
    for (int i = 0; i < nodes.length; i++) {
      node = trie.find(node, request.ids()[i]);
      if (node == PrefixTrie.ABSENT) {
        throw new IllegalStateException("the trace has changed since it was scanned");
      }
      nodes[i] = node;
    }
    return nodes;
  }

  /** The prefixes. */
  public PrefixTrie trie() {
    return trie;
  }

  /** How many requests there are. */
  public long requests() {
    return requests;
  }

  /** How many ids all requests have together. */
  public long accesses() {
    return accesses;
  }

  /** How many different prefixes there are. */
  public int uniqueIds() {
    return trie.size();
  }

  /** How many accesses hit in a cache that forgets nothing. */
  public long unboundedHits() {
    return unboundedHits;
  }

  /** The latest arrival, from the start of the trace. */
  public long lastTimestampMillis() {
    return lastTimestampMillis;
  }

  private static int insert(PrefixTrie trie, int parent, long id, Path file, long line)
      throws TraceException {
    try {
      return trie.insert(parent, id);
    } catch (IllegalStateException e) {
      throw new TraceException(file.toString(), line, "hash_ids: " + e.getMessage());
    }
  }
}
