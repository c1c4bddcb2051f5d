package io.kveik.server.data;

/**
 * The data port at one moment; counts are since its start.
 *
 * @param connections open, with a ticket shown
 * @param greetings open, without
 * @param connectionsRefused one too many
 * @param greetingsEnded to make room for newer ones
 * @param sentBytes payload
 * @param receivedBytes payload
 * @param matches chains asked for
 * @param creditStalls a block had to wait for its client's credit
 * @param timeouts connections closed since a frame or HELLO took too long, or nothing came
 * @param leasedBytes blocks being sent, or waiting for it
 * @param receivingBytes payloads arriving
 * @param requestBytes LOADs and MATCHes not answered
 */
public record DataStatus(
    int connections,
    int greetings,
    long connectionsRefused,
    long greetingsEnded,
    long sentBlocks,
    long sentBytes,
    long receivedBlocks,
    long receivedBytes,
    long matches,
    long creditStalls,
    long protocolErrors,
    long ticketsRefused,
    long timeouts,
    long leasedBytes,
    long leasesRefused,
    long receivingBytes,
    long receivesRefused,
    long requestBytes,
    long requestsRefused) {}
