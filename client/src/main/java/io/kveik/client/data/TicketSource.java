package io.kveik.client.data;

import java.time.Duration;

/** Where a transport gets tickets for the connections that it makes. Any thread. */
@FunctionalInterface
public interface TicketSource {
  /**
   * A ticket of the server's OpenSession. One ticket is good for many connections.
   *
   * @param refused true when the server has just refused the ticket given last: get a new one
   * @param limit the answer is of no use after this time
   * @throws TransportException when there is none to be had
   */
  byte[] ticket(boolean refused, Duration limit) throws TransportException;
}
