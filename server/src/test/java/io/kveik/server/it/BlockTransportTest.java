package io.kveik.server.it;

import io.grpc.ManagedChannel;
import io.kveik.client.BlockClient;
import io.kveik.client.BlockClientOptions;
import io.kveik.client.KveikException;
import io.kveik.client.NamespaceClient;
import io.kveik.client.data.BlockTransport;
import io.kveik.client.data.LoadItem;
import io.kveik.client.data.LoadResult;
import io.kveik.client.data.SameHostTransport;
import io.kveik.client.data.SocketTransport;
import io.kveik.client.data.SocketTransportOptions;
import io.kveik.client.data.StoreItem;
import io.kveik.client.data.StoreResult;
import io.kveik.client.data.TransportException;
import io.kveik.client.data.grpc.GrpcTransport;
import io.kveik.wire.nativev1.BlockStoreGrpc;
import io.kveik.wire.nativev1.Endpoint;
import io.kveik.wire.nativev1.Model;
import io.kveik.wire.nativev1.Namespace;
import io.kveik.wire.nativev1.OpenSessionRequest;
import io.kveik.wire.nativev1.OpenSessionResponse;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Nested;

/** Every transport by the same contract. */
final class BlockTransportTest {
  private static final Namespace NAMESPACE =
      Namespace.newBuilder()
          .setResource("account")
          .setContainer("kv")
          .setModel(Model.newBuilder().setName("llama").setBlockTokens(16))
          .build();

  @Nested
  final class Grpc extends BlockTransportContract {
    @Override
    BlockTransport connect(RunningServer running) {
      return new GrpcTransport(running.connect(), NAMESPACE, true);
    }
  }

  @Nested
  final class Unix extends BlockTransportContract {
    @Override
    BlockTransport connect(RunningServer running) {
      OpenSessionResponse session = session(running);
      byte[] ticket = session.getTicket().toByteArray();
      return SocketTransport.unix(
          Path.of(address(session, Endpoint.Kind.KIND_UNIX)),
          SocketTransportOptions.defaults(),
          (_, _) -> ticket);
    }
  }

  @Nested
  final class SameHost extends BlockTransportContract {
    @Override
    BlockTransport connect(RunningServer running) {
      OpenSessionResponse session = session(running);
      byte[] ticket = session.getTicket().toByteArray();
      return SameHostTransport.open(
          Path.of(address(session, Endpoint.Kind.KIND_SAME_HOST)),
          SocketTransportOptions.defaults(),
          (_, _) -> ticket);
    }
  }

  @Nested
  final class Tcp extends BlockTransportContract {
    @Override
    BlockTransport connect(RunningServer running) {
      OpenSessionResponse session = session(running);
      byte[] ticket = session.getTicket().toByteArray();
      String address = address(session, Endpoint.Kind.KIND_TCP);
      int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
      return SocketTransport.tcp(
          new InetSocketAddress("localhost", port),
          SocketTransportOptions.defaults(),
          (_, _) -> ticket);
    }
  }

  @Nested
  final class WhateverIsBest extends BlockTransportContract {
    @Override
    BlockTransport connect(RunningServer running) {
      return new Facade("localhost:" + running.port());
    }
  }

  /** The client as a transport: its failures in a transport's words. */
  private static final class Facade implements BlockTransport {
    private final BlockClient patient;
    private final BlockClient hurried;
    private final NamespaceClient blocks;
    private final NamespaceClient blocksAtOnce;

    Facade(String target) {
      BlockClientOptions options = BlockClientOptions.of(target);
      Duration noTime = Duration.ofNanos(1);
      this.patient = BlockClient.connect(options);
      this.hurried =
          BlockClient.connect(options.withDeadlines(options.matchDeadline(), noTime, noTime));
      this.blocks = patient.open(NativeBlocks.NAMESPACE);
      this.blocksAtOnce = hurried.open(NativeBlocks.NAMESPACE);
    }

    @Override
    public List<LoadResult> load(List<LoadItem> items, Duration deadline)
        throws TransportException {
      return call(deadline, client -> client.load(items));
    }

    @Override
    public List<StoreResult> store(List<StoreItem> items, Duration deadline)
        throws TransportException {
      return call(deadline, client -> client.store(items));
    }

    private <R> R call(Duration deadline, Function<NamespaceClient, R> call)
        throws TransportException {
      try {
        return call.apply(deadline.isZero() ? blocksAtOnce : blocks);
      } catch (IllegalStateException e) {
        throw new TransportException(TransportException.Code.CLOSED, "closed", e);
      } catch (KveikException e) {
        throw new TransportException(
            TransportException.Code.valueOf(e.code().name()), "of the client", e);
      }
    }

    @Override
    public void close() {
      patient.close();
      hurried.close();
    }
  }

  private static OpenSessionResponse session(RunningServer running) {
    ManagedChannel channel = running.connect();
    return BlockStoreGrpc.newBlockingStub(channel)
        .openSession(OpenSessionRequest.newBuilder().setNamespace(NAMESPACE).build());
  }

  private static String address(OpenSessionResponse session, Endpoint.Kind kind) {
    return session.getEndpointsList().stream()
        .filter(endpoint -> endpoint.getKind() == kind)
        .findFirst()
        .orElseThrow()
        .getAddress();
  }
}
