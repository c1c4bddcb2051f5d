package io.kveik.server.tier.fs;

import io.kveik.server.tier.local.RootLock;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;

/** The real file system. Follows no symbolic link in the last place of a path. */
final class DiskBlockFiles implements BlockFiles {
  private volatile boolean hardLinks;

  private DiskBlockFiles(boolean hardLinks) {
    this.hardLinks = hardLinks;
  }

  static DiskBlockFiles create() {
    return new DiskBlockFiles(true);
  }

  /** As on a file system without hard links (exFAT, some network shares). */
  static DiskBlockFiles withoutHardLinks() {
    return new DiskBlockFiles(false);
  }

  @Override
  public Closeable lock(Path file) throws IOException {
    return RootLock.take(file);
  }

  @Override
  public void probe(Path directory) throws IOException {
    // What a file system without hard links answers differs (EPERM, ENOTSUP, EMLINK ...), so the
    // question is put once, where no other cause for a refusal is likely.
    if (hardLinks) {
      Path one = directory.resolve("probe-1.tmp");
      Path two = directory.resolve("probe-2.tmp");
      Files.createFile(one);
      try {
        Files.createLink(two, one);
      } catch (IOException | UnsupportedOperationException e) {
        hardLinks = false;
      } finally {
        Files.deleteIfExists(two);
        Files.delete(one);
      }
    }
  }

  @Override
  public boolean createDirectory(Path directory) throws IOException {
    try {
      Files.createDirectory(directory);
      return true;
    } catch (FileAlreadyExistsException e) {
      if (Files.isDirectory(directory)) {
        return false;
      }
      throw e;
    }
  }

  @Override
  public void forceDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  @Override
  public void list(Path directory, PathVisitor visitor) throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        visitor.visit(entry);
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  @Override
  public BlockFile create(Path file) throws IOException {
    return new DiskBlockFile(
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
  }

  @Override
  public BlockFile open(Path file) throws IOException {
    return new DiskBlockFile(
        FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
  }

  @Override
  public boolean publish(Path temporary, Path name) throws IOException {
    if (!hardLinks) {
      if (Files.exists(name, LinkOption.NOFOLLOW_LINKS)) {
        return false;
      }
      Files.move(temporary, name, StandardCopyOption.ATOMIC_MOVE);
      return true;
    }
    try {
      Files.createLink(name, temporary);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    }
  }

  @Override
  public void move(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public boolean delete(Path file) throws IOException {
    return Files.deleteIfExists(file);
  }

  @Override
  public long size(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).size();
  }

  private record DiskBlockFile(FileChannel channel) implements BlockFile {
    @Override
    public long size() throws IOException {
      return channel.size();
    }

    @Override
    public int read(ByteBuffer into, long offset) throws IOException {
      return channel.read(into, offset);
    }

    @Override
    public long write(ByteBuffer... from) throws IOException {
      return channel.write(from);
    }

    @Override
    public void force() throws IOException {
      channel.force(true);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
