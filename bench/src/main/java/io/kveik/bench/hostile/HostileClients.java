package io.kveik.bench.hostile;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.kveik.client.data.frame.BlockRange;
import io.kveik.client.data.frame.DataFrameDescriptor;
import io.kveik.client.data.frame.FrameHeader;
import io.kveik.client.data.frame.FrameType;
import io.kveik.client.data.frame.FrameWriter;
import io.kveik.client.data.frame.Hello;
import io.kveik.client.data.frame.LoadBody;
import io.kveik.wire.nativev1.BlockStoreGrpc;
import io.kveik.wire.nativev1.LoadRequest;
import io.kveik.wire.nativev1.LoadResponse;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * What an attacker with few means does, on the gRPC port and on the data port at once, until
 * closed:
 *
 * <ul>
 *   <li>slow readers: {@value #SLOW_READERS} loads a port of thousands of blocks, nothing read;
 *   <li>half frames: {@value #HALF_FRAMES} connections a port that stop in the middle of a frame;
 *   <li>giant lengths: frames that state 16 MiB (HTTP/2's most) or 2 GiB, {@value
 *       #GIANTS_PER_SECOND} connections a second and port;
 *   <li>floods: {@value #CONNECTS_PER_SECOND} connections a second and port, closed at once.
 * </ul>
 *
 * <p>It takes little of the machine itself, so that what others lose they lose in the server.
 */
public final class HostileClients implements AutoCloseable {
  static final int SLOW_READERS = 4;
  static final int HALF_FRAMES = 100;
  static final int GIANTS_PER_SECOND = 20;
  static final int CONNECTS_PER_SECOND = 100;

  private static final byte[] HTTP2_PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] EMPTY_SETTINGS = {0, 0, 0, 4, 0, 0, 0, 0, 0};

  /** A DATA frame of 16 MiB less a byte, on a stream that there is none of. */
  private static final byte[] GIANT_DATA = {-1, -1, -1, 0, 0, 0, 0, 0, 1};

  private final Victim victim;
  private final List<SocketChannel> open = Collections.synchronizedList(new ArrayList<>());
  private final List<ClientCall<?, ?>> calls = new ArrayList<>();
  private final ScheduledExecutorService timer = new ScheduledThreadPoolExecutor(1);
  private final LongAdder attacks = new LongAdder();

  private HostileClients(Victim victim) {
    this.victim = victim;
  }

  /**
   * Begins.
   *
   * @param address "host:port" of the gRPC port
   * @throws IOException when the server can't be reached
   */
  public static HostileClients attack(String address) throws IOException, InterruptedException {
    HostileClients clients = new HostileClients(new Victim(address));
    boolean begun = false;
    try {
      clients.begin();
      begun = true;
      return clients;
    } finally {
      if (!begun) {
        clients.close();
      }
    }
  }

  /** Connections and calls made so far. */
  public long attacks() {
    return attacks.sum();
  }

  private void begin() throws IOException, InterruptedException {
    victim.prepare();
    InetSocketAddress grpc = victim.grpc();
    Optional<InetSocketAddress> data = victim.dataPort();
    byte[] halfHttp2 = concat(HTTP2_PREFACE, EMPTY_SETTINGS, GIANT_DATA);
    byte[] halfHeader = new byte[DataFrameDescriptor.HEADER_BYTES / 2];
    for (int i = 0; i < HALF_FRAMES; i++) {
      hold(grpc, HTTP2_PREFACE);
      if (data.isPresent()) {
        hold(data.get(), halfHeader);
      }
    }
    for (int i = 0; i < SLOW_READERS; i++) {
      loadOverGrpc();
      if (data.isPresent()) {
        loadOverDataPort(data.get());
      }
    }
    every(GIANTS_PER_SECOND, () -> touch(grpc, halfHttp2));
    every(CONNECTS_PER_SECOND, () -> touch(grpc, new byte[0]));
    data.ifPresent(address -> {
      every(GIANTS_PER_SECOND, () -> touch(address, giantHeader()));
      every(CONNECTS_PER_SECOND, () -> touch(address, new byte[0]));
    });
  }

  private void every(int perSecond, Runnable attack) {
    long periodMillis = TimeUnit.SECONDS.toMillis(1) / perSecond;
    timer.scheduleAtFixedRate(attack, 0, periodMillis, TimeUnit.MILLISECONDS);
  }

  /** Sends the bytes and leaves the connection as it is. */
  private void hold(InetSocketAddress address, byte[] bytes) throws IOException {
    SocketChannel socket = SocketChannel.open(address);
    open.add(socket);
    socket.write(ByteBuffer.wrap(bytes));
    attacks.increment();
  }

  /** Sends the bytes and goes. */
  private void touch(InetSocketAddress address, byte[] bytes) {
    try (SocketChannel socket = SocketChannel.open(address)) {
      socket.write(ByteBuffer.wrap(bytes));
      attacks.increment();
    } catch (IOException e) {
      // Being turned away is what an attacker expects.
    }
  }

  /** Asks for thousands of blocks and takes none. */
  private void loadOverGrpc() {
    ClientCall<LoadRequest, LoadResponse> call =
        victim.channel().newCall(BlockStoreGrpc.getLoadMethod(), CallOptions.DEFAULT);
    call.start(new ClientCall.Listener<>() {}, new Metadata());
    call.sendMessage(
        LoadRequest.newBuilder()
            .setNamespace(victim.namespace())
            .setOrder(LoadRequest.Order.ORDER_READY)
            .addAllBlocks(victim.insatiable())
            .build());
    call.halfClose();
    calls.add(call);
    attacks.increment();
  }

  private void loadOverDataPort(InetSocketAddress address) throws IOException {
    SocketChannel socket = SocketChannel.open(address);
    open.add(socket);
    FrameWriter out = new FrameWriter(socket);
    new Hello(victim.session().getTicket().toByteArray(), Long.MAX_VALUE)
        .encode(out.body(Hello.BODY_BYTES));
    out.send(FrameType.HELLO, 0);
    BlockRange range = new BlockRange(victim.blockId().toByteArray(), 0, 0, Victim.BLOCK_BYTES);
    List<BlockRange> ranges = Collections.nCopies(victim.insatiable().size(), range);
    LoadBody.encode(
        0, 0, ranges, out.body(LoadBody.FIXED_BYTES + ranges.size() * range.encodedBytes()));
    out.send(FrameType.LOAD, 1);
    attacks.increment();
  }

  private static byte[] giantHeader() {
    ByteBuffer header = ByteBuffer.allocate(DataFrameDescriptor.HEADER_BYTES);
    DataFrameDescriptor.encode(
        new FrameHeader(FrameType.STORE, 1, Integer.MAX_VALUE, Integer.MAX_VALUE, 0, 0), header);
    return header.array();
  }

  private static byte[] concat(byte[]... parts) {
    int length = 0;
    for (byte[] part : parts) {
      length += part.length;
    }
    ByteBuffer all = ByteBuffer.allocate(length);
    for (byte[] part : parts) {
      all.put(part);
    }
    return all.array();
  }

  /** Goes away. */
  @Override
  public void close() {
    timer.shutdownNow();
    calls.forEach(call -> call.cancel("the attack is over", null));
    synchronized (open) {
      for (SocketChannel socket : open) {
        try {
          socket.close();
        } catch (IOException e) {
          // It is gone either way.
        }
      }
    }
    victim.close();
  }
}
