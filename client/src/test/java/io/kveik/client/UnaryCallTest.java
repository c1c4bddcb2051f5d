package io.kveik.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.kveik.client.inplace.Handover;
import io.kveik.wire.v1.KVStoreServiceGrpc;
import io.kveik.wire.v1.ReadRequest;
import io.kveik.wire.v1.ReadResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Answers that nobody sees, which may hold the transport's buffers. */
@Timeout(60)
final class UnaryCallTest {
  @Test
  void answerOfACallThatThenFailsIsDiscarded() throws IOException {
    ReadResponse sent = ReadResponse.newBuilder().setFound(true).build();
    Server server = answering(sent, Status.UNAVAILABLE);
    ManagedChannel channel = Connections.open("localhost:" + server.getPort());
    List<ReadResponse> arrived = new ArrayList<>();
    List<ReadResponse> discarded = new ArrayList<>();
    try {
      assertThatThrownBy(() ->
              UnaryCall.run(
                  channel,
                  KVStoreServiceGrpc.getReadMethod(),
                  CallOptions.DEFAULT,
                  io.grpc.Deadline.after(20, TimeUnit.SECONDS),
                  ReadRequest.getDefaultInstance(),
                  new Handover<>() {
                    @Override
                    public void arrived(ReadResponse answer) {
                      arrived.add(answer);
                    }

                    @Override
                    public void discard(ReadResponse answer) {
                      discarded.add(answer);
                    }
                  }))
          .isInstanceOfSatisfying(
              CallFailedException.class,
              e -> assertThat(e.status().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
      assertThat(arrived).containsExactly(sent);
      assertThat(discarded).containsExactly(sent);
    } finally {
      channel.shutdownNow();
      server.shutdownNow();
    }
  }

  /** A server that sends an answer and a failure after it. */
  private static Server answering(ReadResponse answer, Status status) throws IOException {
    return NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
        .directExecutor()
        .addService(
            ServerServiceDefinition.builder(KVStoreServiceGrpc.SERVICE_NAME)
                .addMethod(
                    KVStoreServiceGrpc.getReadMethod(),
                    (call, headers) -> {
                      call.sendHeaders(new Metadata());
                      call.sendMessage(answer);
                      call.close(status, new Metadata());
                      return new ServerCall.Listener<ReadRequest>() {};
                    })
                .build())
        .build()
        .start();
  }
}
