package io.kveik.server.tier.fs;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/** One open file; owned by the thread that opened it. */
interface BlockFile extends Closeable {
  long size() throws IOException;

  /**
   * Reads into what remains of the buffer; may read less.
   *
   * @param offset where in the file
   * @return bytes read, -1 at the end of the file
   */
  int read(ByteBuffer into, long offset) throws IOException;

  /** Appends what remains of the buffers, in order; may write less. Returns the bytes written. */
  long write(ByteBuffer... from) throws IOException;

  /** Makes content and length survive power loss; the name is its directory's affair. */
  void force() throws IOException;
}
