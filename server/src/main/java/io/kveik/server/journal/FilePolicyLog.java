package io.kveik.server.journal;

import io.kveik.server.block.Fingerprint;
import io.kveik.server.cache.NamespacePolicyLog;
import io.kveik.server.cache.eviction.PolicyKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;

/**
 * The eviction policies of namespaces as a file of {@link PolicyRecordDescriptor}s, which each
 * change replaces as a whole. One thread at a time, which it blocks; O(namespaces).
 */
public final class FilePolicyLog implements NamespacePolicyLog {
  private static final int MOST = 100_000;

  private final Path file;
  private final Map<Fingerprint, PolicyKind> recovered = new HashMap<>();
  private int damaged;

  private FilePolicyLog(Path file) {
    this.file = file;
  }

  /**
   * Reads the file, if there is one.
   *
   * @throws IOException when it can't be read, or has more than {@value #MOST} records
   */
  public static FilePolicyLog open(Path file) throws IOException {
    FilePolicyLog log = new FilePolicyLog(file);
    if (Files.exists(file)) {
      long length = Files.size(file);
      long limit = (long) MOST * PolicyRecordDescriptor.LENGTH;
      if (length > limit) {
        throw new IOException("%s: %d bytes, at most %d".formatted(file, length, limit));
      }
      log.read(ByteBuffer.wrap(Files.readAllBytes(file)));
    }
    return log;
  }

  @Override
  public Map<Fingerprint, PolicyKind> recovered() {
    return Map.copyOf(recovered);
  }

  /** Records that failed their check when the file was opened. */
  public int damaged() {
    return damaged;
  }

  @Override
  public void rewrite(Map<Fingerprint, PolicyKind> policies) throws IOException {
    ByteBuffer records = ByteBuffer.allocate(policies.size() * PolicyRecordDescriptor.LENGTH);
    policies.forEach((namespace, policy) ->
        PolicyRecordDescriptor.encode(
            new PolicyRecordDescriptor.Entry(namespace, policy), records));
    records.flip();
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    try (FileChannel target =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      while (records.hasRemaining()) {
        target.write(records);
      }
      target.force(true);
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    Path parent = file.toAbsolutePath().getParent();
    if (parent != null) {
      try (FileChannel directory = FileChannel.open(parent, StandardOpenOption.READ)) {
        directory.force(true);
      }
    }
  }

  private void read(ByteBuffer records) {
    while (records.remaining() >= PolicyRecordDescriptor.LENGTH) {
      PolicyRecordDescriptor.decode(records)
          .ifPresentOrElse(
              entry -> recovered.put(entry.namespace(), entry.policy()), () -> damaged++);
    }
    if (records.hasRemaining()) {
      damaged++;
    }
  }
}
