package io.kveik.server.rpc;

/**
 * A look at the gRPC server, for metrics.
 *
 * @param connections open now
 * @param connectionsRefused closed because there were too many
 * @param calls in progress now
 * @param callsRefused because there were too many
 * @param callsEndedIdle because their request did not arrive, or nothing moved in a stream
 * @param unsentBytes answers that clients have not taken yet
 * @param answersRefused because too much was left unread
 * @param inboundBytes requests that are arriving or waiting
 * @param requestsRefused because too much was arriving
 * @param connectionsClosedDeaf because they took none of their answers
 */
public record GrpcStatus(
    int connections,
    long connectionsRefused,
    int calls,
    long callsRefused,
    long callsEndedIdle,
    long unsentBytes,
    long answersRefused,
    long inboundBytes,
    long requestsRefused,
    long connectionsClosedDeaf) {}
