package io.kveik.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.wire.v1.KVStoreServiceGrpc.KVStoreServiceBlockingStub;
import io.kveik.wire.v1.ReadRequest;
import io.kveik.wire.v1.ReadResponse;
import io.kveik.wire.v1.WriteRequest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A location names a block only within the names it was given for: elsewhere it is a miss. */
@Timeout(30)
final class ForeignLocationTest {
  @TempDir Path directory;
  private RunningServer server;
  private KVStoreServiceBlockingStub stub;
  private String location;

  @BeforeEach
  void start() throws Exception {
    server = RunningServer.start(directory);
    stub = RunningServer.stub(server.connect());
    stub.write(Blocks.write(1, 5_000).build());
    location = stub.lookup(Blocks.lookup(1, 1).build()).getLocations(0).getLocation();
  }

  @AfterEach
  void stop() {
    server.awaitNoReaders();
    server.close();
  }

  @Test
  void onlyItsOwnNamesFindIt() {
    assertThat(stub.read(Blocks.read(location).build()).getChunk().getBuffer().toByteArray())
        .isEqualTo(Blocks.payload(1, 5_000));
    assertMiss(Blocks.read(location).setResourceName("other"));
    assertMiss(Blocks.read(location).setContainerName("other"));
    assertMiss(Blocks.read(location).setResourceName("kv").setContainerName("account"));
  }

  @Test
  void partitionInItCannotBeExchanged() {
    byte[] bytes = Base64.getUrlDecoder().decode(location);
    int head = bytes.length - Blocks.SCOPE.partition().length();
    for (String partition : new String[] {"", "other", "model2", "../model", "Model"}) {
      byte[] name = partition.getBytes(StandardCharsets.UTF_8);
      byte[] forged = ByteBuffer.allocate(head + name.length).put(bytes, 0, head).put(name).array();
      assertMiss(Blocks.read(Base64.getUrlEncoder().withoutPadding().encodeToString(forged)));
    }
  }

  @Test
  void anyOtherKeyIsMiss() {
    byte[] bytes = Base64.getUrlDecoder().decode(location);
    for (int bit = 0; bit < (bytes.length - Blocks.SCOPE.partition().length()) * 8; bit++) {
      byte[] forged = bytes.clone();
      forged[bit / 8] ^= (byte) (1 << bit % 8);
      assertMiss(Blocks.read(Base64.getUrlEncoder().withoutPadding().encodeToString(forged)));
    }
    for (int length = 1; length < bytes.length; length++) {
      assertMiss(
          Blocks.read(
              Base64.getUrlEncoder()
                  .withoutPadding()
                  .encodeToString(Arrays.copyOf(bytes, length))));
    }
  }

  @Test
  void garbageIsMiss() {
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < 300; i++) {
      StringBuilder text = new StringBuilder();
      for (int length = random.nextInt(1, 1_024); length > 0; length--) {
        text.append((char) random.nextInt(1, 0xD800));
      }
      assertMiss(Blocks.read(text.toString()));
    }
  }

  @Test
  void sameBlockOfAnotherScopeHasAnotherLocation() {
    Set<String> locations = new HashSet<>(Set.of(location));
    WriteRequest.Builder partition = Blocks.write(1, 5_000);
    partition.getChunkBuilder().setPartitionKey("other");
    stub.write(partition.build());
    stub.write(Blocks.write(1, 5_000).setContainerName("other").build());
    stub.write(Blocks.write(1, 5_000).setResourceName("other").build());
    var lookup = Blocks.lookup(1, 1);
    locations.add(only(lookup.clone().setPartitionKey("other")));
    locations.add(only(lookup.clone().setContainerName("other")));
    locations.add(only(lookup.clone().setResourceName("other")));
    assertThat(locations).hasSize(4);
  }

  private String only(io.kveik.wire.v1.LookupRequest.Builder lookup) {
    return stub.lookup(lookup.build()).getLocations(0).getLocation();
  }

  private void assertMiss(ReadRequest.Builder request) {
    ReadResponse answer = stub.read(request.build());
    assertThat(answer.getSuccess()).isTrue();
    assertThat(answer.getFound()).isFalse();
    assertThat(answer.hasChunk()).isFalse();
    assertThat(answer.getError()).isEmpty();
  }
}
