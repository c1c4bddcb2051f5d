package io.kveik.client.data;

import io.kveik.client.data.frame.FrameHeader;
import io.kveik.client.data.frame.FrameType;
import io.kveik.client.data.frame.MatchBody;
import io.kveik.client.data.frame.MatchedBody;
import io.kveik.client.data.frame.MatchedStatus;
import java.io.IOException;
import java.util.Optional;

/** Asks on one connection for the cached prefix of a chain. */
final class MatchExchange implements LinkPool.Exchange {
  private final byte[] request;
  private final Deadline deadline;
  private Optional<byte[]> response = Optional.empty();

  MatchExchange(byte[] request, Deadline deadline) {
    this.request = request;
    this.deadline = deadline;
  }

  /** Empty when the server would not answer it on this way. */
  Optional<byte[]> response() {
    return response;
  }

  @Override
  public void with(SocketLink link) throws IOException {
    int mostBlocks = link.limits().maxBlocksPerLoad();
    MatchBody body = new MatchBody(deadline.leftMillis(), request);
    if (body.encodedBytes() > MatchBody.maxBytes(mostBlocks)) {
      return;
    }
    body.encode(link.out().body(body.encodedBytes()));
    long requestId = link.nextRequestId();
    link.out().send(FrameType.MATCH, requestId);
    FrameHeader header = link.next(requestId);
    if (header.type() != FrameType.MATCHED || header.requestId() != requestId) {
      throw SocketLink.unexpected(header);
    }
    MatchedBody matched =
        MatchedBody.decode(link.in().readBody(header, MatchedBody.maxBytes(mostBlocks)));
    if (matched.status() == MatchedStatus.MATCHED) {
      response = Optional.of(matched.answer());
    }
  }
}
