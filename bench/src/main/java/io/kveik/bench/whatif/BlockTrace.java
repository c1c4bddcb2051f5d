package io.kveik.bench.whatif;

import io.kveik.bench.trace.PrefixTrie;
import io.kveik.bench.trace.RequestStream;
import io.kveik.bench.trace.TraceEvent;
import io.kveik.bench.trace.TraceRequest;
import io.kveik.bench.trace.TraceSource;
import io.kveik.bench.trace.TraceTurnEnd;
import io.kveik.server.block.TurnEnd;
import java.io.IOException;
import java.util.Arrays;

/**
 * A whole trace in arrays, its blocks numbered densely: block b is one prefix, its parent has a
 * lower number. At most {@link #MAX_ACCESSES} accesses, 4 bytes each, and some 60 bytes a block.
 * Immutable.
 */
public final class BlockTrace {
  /** The most ids that all requests may have together. */
  public static final int MAX_ACCESSES = 1 << 28;

  /** The parent of first blocks. */
  static final int ROOT = PrefixTrie.ROOT;

  private final PrefixTrie trie;
  private final int[] accesses;
  private final int[] starts;
  private final int[] depths;
  private final long[] promptTokens;
  private final int[] reusable;
  private final TurnEnds ends;
  private final int[] tokensPerId;
  private final double meanTokensPerId;
  private final double meanIdBytes;
  private final int sampleOneIn;
  private final long unboundedHits;

  private BlockTrace(
      PrefixTrie trie,
      int[] accesses,
      int[] starts,
      long[] promptTokens,
      int[] tokensPerId,
      int[] reusable,
      TurnEnds ends,
      double meanIdBytes,
      int sampleOneIn) {
    this.trie = trie;
    this.accesses = accesses;
    this.starts = starts;
    this.promptTokens = promptTokens;
    this.tokensPerId = tokensPerId;
    this.reusable = reusable;
    this.ends = ends;
    this.meanIdBytes = meanIdBytes;
    this.sampleOneIn = sampleOneIn;
    this.unboundedHits = Arrays.stream(reusable).asLongStream().sum();
    this.depths = new int[trie.size()];
    for (int block = 0; block < depths.length; block++) {
      int parent = trie.parent(block);
      depths[block] = parent == ROOT ? 0 : depths[parent] + 1;
    }
    double tokens = 0;
    for (int request = 0; request < tokensPerId.length; request++) {
      tokens += (double) tokensPerId[request] * (starts[request + 1] - starts[request]);
    }
    this.meanTokensPerId = tokens / accesses.length;
  }

  /**
   * Reads a trace.
   *
   * @param maxRequests stops after that many
   * @throws IllegalArgumentException when the trace has more than {@link #MAX_ACCESSES}, or no ids
   */
  public static BlockTrace read(TraceSource source, long maxRequests) throws IOException {
    PrefixTrie trie = new PrefixTrie();
    int[] accesses = new int[1 << 16];
    int[] starts = new int[1 << 10];
    int requests = 0;
    int size = 0;
    long[] promptTokens = new long[1 << 10];
    int[] tokensPerId = new int[1 << 10];
    int[] reusable = new int[1 << 10];
    TurnEnds ends = new TurnEnds();
    double sizedBytes = 0;
    long sizedIds = 0;
    try (RequestStream stream = source.open()) {
      TraceEvent event;
      while (requests < maxRequests && (event = stream.next()) != null) {
        switch (event) {
          case TraceTurnEnd(TurnEnd end, long[] chain) -> addEnd(ends, requests, trie, chain, end);
          case TraceRequest request -> {
            int ids = request.ids().length;
            if (ids > MAX_ACCESSES - size) {
              throw new IllegalArgumentException(
                  "%s has more than %,d hash_ids; take fewer requests of it (--limit)"
                      .formatted(source.name(), MAX_ACCESSES));
            }
            accesses = grown(accesses, size + ids);
            starts = grown(starts, requests + 2);
            int known = trie.size();
            int seen = 0;
            int block = ROOT;
            for (long id : request.ids()) {
              block = trie.insert(block, id);
              seen += block < known ? 1 : 0;
              accesses[size++] = block;
            }
            if (requests == promptTokens.length) {
              promptTokens = Arrays.copyOf(promptTokens, 2 * requests);
              tokensPerId = Arrays.copyOf(tokensPerId, 2 * requests);
              reusable = Arrays.copyOf(reusable, 2 * requests);
            }
            promptTokens[requests] = request.inputTokens();
            tokensPerId[requests] = request.tokensPerId();
            reusable[requests] = seen;
            if (ids > 0 && request.end() != TurnEnd.UNKNOWN) {
              ends.add(requests, block, request.end());
            }
            if (request.idBytes() > 0) {
              sizedBytes += (double) request.idBytes() * ids;
              sizedIds += ids;
            }
            requests++;
            starts[requests] = size;
          }
        }
      }
    } catch (IllegalStateException e) {
      throw new IllegalArgumentException(source.name() + ": " + e.getMessage(), e);
    }
    if (size == 0) {
      throw new IllegalArgumentException(source.name() + " has no hash_ids");
    }
    return new BlockTrace(
        trie,
        Arrays.copyOf(accesses, size),
        Arrays.copyOf(starts, requests + 1),
        Arrays.copyOf(promptTokens, requests),
        Arrays.copyOf(tokensPerId, requests),
        Arrays.copyOf(reusable, requests),
        ends,
        sizedIds == 0 ? 0 : sizedBytes / sizedIds,
        source.sampleOneIn());
  }

  /** How many requests there are. */
  public int requests() {
    return starts.length - 1;
  }

  /** How many blocks all requests have together. */
  public int accesses() {
    return accesses.length;
  }

  /** How many different blocks there are. */
  public int blocks() {
    return trie.size();
  }

  /** Tokens of all prompts. */
  public long promptTokens() {
    return Arrays.stream(promptTokens).sum();
  }

  /** Tokens that an id stands for, the mean over all accesses. */
  public double tokensPerId() {
    return meanTokensPerId;
  }

  /** Bytes of an id's KV in the store, the mean over the accesses that tell; 0 when none does. */
  double idBytes() {
    return meanIdBytes;
  }

  /** One chain in so many is in the trace, of those that there were. */
  int sampleOneIn() {
    return sampleOneIn;
  }

  /** How many blocks of a request were asked for before. */
  int reusable(int request) {
    return reusable[request];
  }

  /** Why turns ended, of those that the store was told of between requests. */
  TurnEnds turnEnds() {
    return ends;
  }

  /** The blocks of the chain that ends in one, first to last. */
  int[] chainTo(int last) {
    int[] chain = new int[depths[last] + 1];
    int block = last;
    for (int i = chain.length - 1; i >= 0; i--) {
      chain[i] = block;
      block = trie.parent(block);
    }
    return chain;
  }

  /** Tokens that the first so many blocks of a request hold. */
  long tokens(int request, int blocks) {
    return Math.min((long) blocks * tokensPerId[request], promptTokens[request]);
  }

  /** How many accesses hit in a cache that forgets nothing. */
  public long unboundedHits() {
    return unboundedHits;
  }

  /** Where a request begins among the accesses; that of {@link #requests()} is the end of all. */
  int start(int request) {
    return starts[request];
  }

  /** The block of an access. */
  int block(int access) {
    return accesses[access];
  }

  int parent(int block) {
    return trie.parent(block);
  }

  /** Blocks before it in its chain. */
  int depth(int block) {
    return depths[block];
  }

  /** Adds an end that is told after the last request so far, of what those have of its chain. */
  private static void addEnd(
      TurnEnds ends, int requests, PrefixTrie trie, long[] chain, TurnEnd end) {
    int last = ROOT;
    for (long id : chain) {
      int next = trie.find(last, id);
      if (next == PrefixTrie.ABSENT) {
        break;
      }
      last = next;
    }
    if (last != ROOT && end != TurnEnd.UNKNOWN) {
      ends.add(requests - 1, last, end);
    }
  }

  private static int[] grown(int[] array, int size) {
    return size <= array.length
        ? array
        : Arrays.copyOf(array, (int) Math.min(MAX_ACCESSES, Math.max(size, 2L * array.length)));
  }
}
