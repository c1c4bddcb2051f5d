package io.kveik.server.rpc.payload;

import io.kveik.client.inplace.InPlacePayload;
import io.kveik.server.cache.WriteCommand;
import java.lang.foreign.MemorySegment;

/** A payload in the transport's memory, as the engine takes it. */
public record InPlaceWrite(InPlacePayload payload) implements WriteCommand.Payload {
  @Override
  public int length() {
    return payload.length();
  }

  @Override
  public void copyTo(MemorySegment target) {
    payload.copyTo(target);
  }

  @Override
  public int copyAndChecksum(MemorySegment target) {
    return payload.copyAndChecksum(target);
  }
}
