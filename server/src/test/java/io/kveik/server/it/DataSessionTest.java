package io.kveik.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.kveik.client.data.LoadItem;
import io.kveik.client.data.SocketTransport;
import io.kveik.client.data.SocketTransportOptions;
import io.kveik.client.data.StoreItem;
import io.kveik.wire.nativev1.BlockIds;
import io.kveik.wire.nativev1.BlockStoreGrpc;
import io.kveik.wire.nativev1.DescribeRequest;
import io.kveik.wire.nativev1.Endpoint;
import io.kveik.wire.nativev1.MatchRequest;
import io.kveik.wire.nativev1.MatchResponse;
import io.kveik.wire.nativev1.Model;
import io.kveik.wire.nativev1.Namespace;
import io.kveik.wire.nativev1.OpenSessionRequest;
import io.kveik.wire.nativev1.OpenSessionResponse;
import io.kveik.wire.nativev1.TokenBlocks;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** From gRPC to the data port and back: tickets, endpoints, and the walls between namespaces. */
@Timeout(30)
final class DataSessionTest {
  private static final Duration LIMIT = Duration.ofSeconds(9);
  private static final byte[] ID = Blocks.payload(5, 32);

  @TempDir Path directory;

  @Test
  void aSessionReachesItsNamespaceOverEveryEndpoint() throws Exception {
    try (RunningServer server = RunningServer.start(directory);
        Arena arena = Arena.ofConfined()) {
      ManagedChannel channel = server.connect();
      OpenSessionResponse mine = open(channel, "mine");
      OpenSessionResponse theirs = open(channel, "theirs");
      assertThat(mine.getEndpointsList())
          .extracting(Endpoint::getKind)
          .contains(Endpoint.Kind.KIND_UNIX, Endpoint.Kind.KIND_TCP);
      assertThat(
              BlockStoreGrpc.newBlockingStub(channel)
                  .describe(DescribeRequest.getDefaultInstance())
                  .getEndpointsList())
          .isEqualTo(mine.getEndpointsList());
      MemorySegment payload = MemorySegment.ofArray(Blocks.payload(1, 100_000));
      for (Endpoint endpoint : mine.getEndpointsList()) {
        try (SocketTransport transport = connect(endpoint, mine);
            SocketTransport stranger = connect(endpoint, theirs)) {
          assertThat(
                  transport
                      .store(List.of(StoreItem.of(ID, new byte[0], 128, payload)), LIMIT)
                      .getFirst()
                      .inStore())
              .isTrue();
          MemorySegment target = arena.allocate(100_000);
          List<LoadItem> load = List.of(LoadItem.whole(ID, target));
          assertThat(stranger.load(load, LIMIT).getFirst().found()).isFalse();
          assertThat(transport.load(load, LIMIT).getFirst().found()).isTrue();
          assertThat(target.mismatch(payload)).isEqualTo(-1);
        }
      }
      assertThat(server.metric("kveik_data_sent_bytes_total")).isEqualTo(200_000);
      server.awaitNoReaders();
    }
  }

  /** As from a client of another make. */
  @Test
  void aMatchThatIsNoneIsRefusedAndTheConnectionGood() throws Exception {
    try (RunningServer server = RunningServer.start(directory)) {
      OpenSessionResponse session = open(server.connect(), "");
      Endpoint endpoint = session.getEndpointsList().getLast();
      assertThat(endpoint.getMatch()).isTrue();
      BlockIds known = BlockIds.newBuilder().addIds(ByteString.copyFrom(ID)).build();
      try (SocketTransport transport = connect(endpoint, session)) {
        assertThat(transport.match(new byte[] {1, 2, 3}, LIMIT)).isEmpty();
        assertThat(transport.match(new byte[0], LIMIT)).as("no chain").isEmpty();
        MatchRequest.Builder request = MatchRequest.newBuilder();
        MatchRequest named =
            MatchRequest.newBuilder()
                .setNamespace(Namespace.newBuilder().setResource("other"))
                .setBlocks(known)
                .build();
        byte[] tokens =
            request.setTokens(TokenBlocks.newBuilder().addTokens(7)).build().toByteArray();
        assertThat(transport.match(tokens, LIMIT)).isEmpty();
        assertThat(transport.match(named.toByteArray(), LIMIT)).as("names a namespace").isEmpty();
        byte[] answer =
            transport.match(request.setBlocks(known).build().toByteArray(), LIMIT).orElseThrow();
        assertThat(MatchResponse.parseFrom(answer).getMatchedBlocks()).isZero();
      }
      assertThat(server.metric("kveik_data_matches_total")).isEqualTo(5);
      assertThat(server.metric("kveik_data_protocol_errors_total")).isZero();
      server.awaitNoReaders();
    }
  }

  private static OpenSessionResponse open(ManagedChannel channel, String partition) {
    return BlockStoreGrpc.newBlockingStub(channel)
        .openSession(
            OpenSessionRequest.newBuilder()
                .setNamespace(
                    Namespace.newBuilder()
                        .setResource("account")
                        .setContainer("kv")
                        .setPartition(partition)
                        .setModel(Model.newBuilder().setName("model").setBlockTokens(128)))
                .build());
  }

  private static SocketTransport connect(Endpoint endpoint, OpenSessionResponse session) {
    SocketTransportOptions options = SocketTransportOptions.defaults();
    byte[] ticket = session.getTicket().toByteArray();
    return switch (endpoint.getKind()) {
      case KIND_UNIX ->
          SocketTransport.unix(Path.of(endpoint.getAddress()), options, (_, _) -> ticket);
      case KIND_TCP -> {
        String address = endpoint.getAddress();
        int colon = address.lastIndexOf(':');
        yield SocketTransport.tcp(
            new InetSocketAddress(
                address.substring(0, colon), Integer.parseInt(address.substring(colon + 1))),
            options,
            (_, _) -> ticket);
      }
      case KIND_UNSPECIFIED, KIND_SAME_HOST, UNRECOGNIZED ->
          throw new AssertionError("not of the data port: " + endpoint);
    };
  }
}
