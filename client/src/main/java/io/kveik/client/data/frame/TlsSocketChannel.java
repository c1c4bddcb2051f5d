package io.kveik.client.data.frame;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * TLS over a blocking TCP channel, by the JDK's own socket. Bytes cross one array of a record's
 * size each way, since its streams take nothing else.
 *
 * <p>One thread may read while another writes. To cut a blocked one off, close the channel below:
 * the TLS socket's own close can wait for a write that never ends.
 */
public final class TlsSocketChannel implements ByteChannel, GatheringByteChannel {
  private static final int RECORD_BYTES = 16 * 1024;
  private static final String[] PROTOCOLS = {"TLSv1.3"};

  private final SocketChannel below;
  private final InputStream in;
  private final OutputStream out;
  private final byte[] reading = new byte[RECORD_BYTES];
  private final byte[] writing = new byte[RECORD_BYTES];

  private TlsSocketChannel(SocketChannel below, SSLSocket socket) throws IOException {
    this.below = below;
    this.in = socket.getInputStream();
    this.out = socket.getOutputStream();
  }

  /** The server's side; returns after the handshake. */
  public static TlsSocketChannel accept(SocketChannel below, SSLContext context)
      throws IOException {
    SSLSocket socket = layered(below, context, "", 0);
    socket.setUseClientMode(false);
    socket.startHandshake();
    return new TlsSocketChannel(below, socket);
  }

  /**
   * The client's side; returns after the handshake, in which the server's certificate was found
   * good for the host's name.
   */
  public static TlsSocketChannel connect(
      SocketChannel below, SSLContext context, InetSocketAddress server) throws IOException {
    SSLSocket socket = layered(below, context, server.getHostString(), server.getPort());
    socket.setUseClientMode(true);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    return new TlsSocketChannel(below, socket);
  }

  private static SSLSocket layered(SocketChannel below, SSLContext context, String host, int port)
      throws IOException {
    SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket(below.socket(), host, port, true);
    socket.setEnabledProtocols(PROTOCOLS);
    return socket;
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    int read = in.read(reading, 0, Math.min(reading.length, target.remaining()));
    if (read > 0) {
      target.put(reading, 0, read);
    }
    return read;
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    int written = 0;
    while (source.hasRemaining()) {
      int step = Math.min(writing.length, source.remaining());
      source.get(writing, 0, step);
      out.write(writing, 0, step);
      written += step;
    }
    return written;
  }

  @Override
  public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
    long written = 0;
    for (int i = offset; i < offset + length; i++) {
      written += write(sources[i]);
    }
    return written;
  }

  @Override
  public long write(ByteBuffer[] sources) throws IOException {
    return write(sources, 0, sources.length);
  }

  @Override
  public boolean isOpen() {
    return below.isOpen();
  }

  @Override
  public void close() throws IOException {
    below.close();
  }
}
