package io.kveik.server.it;

import com.google.protobuf.ByteString;
import io.kveik.client.BlockScope;
import io.kveik.client.BlockWrite;
import io.kveik.client.ChainLabels;
import io.kveik.wire.v1.LookupRequest;
import io.kveik.wire.v1.PromptChunk;
import io.kveik.wire.v1.ReadRequest;
import io.kveik.wire.v1.WriteRequest;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.LongStream;

/** Valid requests and blocks, all made from numbers. */
final class Blocks {
  static final int BLOCK_TOKENS = 128;
  static final BlockScope SCOPE = new BlockScope("account", "kv", "model");

  private Blocks() {}

  static long[] tokens(long seed, int blocks) {
    return new SplittableRandom(seed).longs((long) blocks * BLOCK_TOKENS, 0, 150_000).toArray();
  }

  static byte[] payload(long seed, int bytes) {
    byte[] payload = new byte[bytes];
    new SplittableRandom(seed).nextBytes(payload);
    return payload;
  }

  /** Block i of a chain. */
  static BlockWrite block(long[] tokens, int i, byte[] payload) {
    long[] labels = ChainLabels.chain(tokens);
    return BlockWrite.of(
        labels[i],
        i == 0 ? 0 : labels[i - 1],
        Arrays.copyOfRange(tokens, i * BLOCK_TOKENS, (i + 1) * BLOCK_TOKENS),
        ByteBuffer.wrap(payload));
  }

  static WriteRequest.Builder write(long seed, int bytes) {
    return WriteRequest.newBuilder()
        .setResourceName(SCOPE.resource())
        .setContainerName(SCOPE.container())
        .setChunk(
            PromptChunk.newBuilder()
                .setPartitionKey(SCOPE.partition())
                .setHash(seed + 1)
                .setBuffer(ByteString.copyFrom(payload(seed, bytes)))
                .addAllTokens(LongStream.of(tokens(seed, 1)).boxed().toList()));
  }

  static LookupRequest.Builder lookup(long seed, int blocks) {
    return LookupRequest.newBuilder()
        .setResourceName(SCOPE.resource())
        .setContainerName(SCOPE.container())
        .setPartitionKey(SCOPE.partition())
        .addAllTokens(LongStream.of(tokens(seed, blocks)).boxed().toList());
  }

  static ReadRequest.Builder read(String location) {
    return ReadRequest.newBuilder()
        .setResourceName(SCOPE.resource())
        .setContainerName(SCOPE.container())
        .setLocation(location);
  }
}
