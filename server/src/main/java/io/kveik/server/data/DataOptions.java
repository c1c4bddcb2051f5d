package io.kveik.server.data;

import io.kveik.server.block.AckLevel;
import io.kveik.server.session.SessionLimits;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * What the data port is and what it holds its clients to.
 *
 * @param tcp where it listens; empty for nowhere
 * @param orFreePort true to take a free port where that of {@code tcp} is taken
 * @param tls for TCP; empty for none
 * @param unix the socket's path; empty for none
 * @param defaultAck of a store that names none
 * @param socketBufferBytes asked of the system for each direction; 0 leaves it to the system
 * @param drainMillis requests in progress get so long at the end
 */
public record DataOptions(
    Optional<InetSocketAddress> tcp,
    boolean orFreePort,
    Optional<SSLContext> tls,
    Optional<Path> unix,
    AckLevel defaultAck,
    int socketBufferBytes,
    long drainMillis,
    SessionLimits session,
    Limits limits) {

  /**
   * All named {@code data.*} in the settings.
   *
   * @param connections open ones that have shown a ticket
   * @param greetings open ones that have not; the oldest goes when there is one more
   * @param requests of one connection that wait for their answers
   * @param coldBlocks blocks of one connection that are being fetched from below DRAM
   * @param requestBytes LOADs and MATCHes of all connections that are not answered
   * @param leasedBytes blocks that are being sent or wait for it, all connections
   * @param receivingBytes payloads that are arriving, all connections
   * @param helloMillis from the connection to the end of HELLO
   * @param idleMillis between two frames of a client
   * @param frameMillis from a frame's first byte to its last, either way
   */
  public record Limits(
      int connections,
      int greetings,
      int requests,
      int coldBlocks,
      long requestBytes,
      long leasedBytes,
      long receivingBytes,
      long helloMillis,
      long idleMillis,
      long frameMillis) {}
}
