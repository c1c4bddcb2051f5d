package io.kveik.server.tier.fs;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A file system in memory that promises what POSIX does and no more: content survives a power loss
 * once its file is synced, a name once its directory is; what is not synced survives, or not, or in
 * part, name by name in any order. One thread.
 */
final class SimulatedDisk implements BlockFiles {
  /** How the message of every exception that was asked for begins. */
  static final String FAULT = "simulated";

  private sealed interface Node permits Directory, Content {}

  private static final class Directory implements Node {
    private final Map<String, Node> live = new HashMap<>();
    private final Map<String, Node> synced = new HashMap<>();
  }

  private static final class Content implements Node {
    private byte[] live = {};
    private byte[] synced = {};
  }

  private final Directory top;
  private long callsLeft = Long.MAX_VALUE;
  private @Nullable SplittableRandom hiccups;
  private int callsPerHiccup = 1;

  private SimulatedDisk(Directory top) {
    this.top = top;
  }

  static SimulatedDisk empty() {
    return new SimulatedDisk(new Directory());
  }

  /** After that many more calls each one fails: the power is gone, or the process is. */
  void stopAfter(long calls) {
    callsLeft = calls;
  }

  /** From now on about one call in so many fails, and the next may work again. */
  void hiccup(SplittableRandom random, int oneIn) {
    hiccups = random;
    callsPerHiccup = oneIn;
  }

  boolean stopped() {
    return callsLeft <= 0;
  }

  /** The process died, the machine did not: all that was written is there. */
  SimulatedDisk afterKill() {
    return new SimulatedDisk(top);
  }

  /** The machine lost power. */
  SimulatedDisk afterPowerLoss(SplittableRandom random) {
    return new SimulatedDisk((Directory) survivor(top, random, new HashMap<>()));
  }

  /** A file with two names survives as one file with two names. */
  private static Node survivor(Node node, SplittableRandom random, Map<Node, Node> done) {
    Node known = done.get(node);
    if (known != null) {
      return known;
    }
    switch (node) {
      case Content content -> {
        Content left = new Content();
        left.live = survivingBytes(content, random);
        left.synced = left.live;
        done.put(node, left);
        return left;
      }
      case Directory directory -> {
        Directory left = new Directory();
        done.put(node, left);
        Set<String> names = new HashSet<>(directory.live.keySet());
        names.addAll(directory.synced.keySet());
        for (String name : names) {
          Node entry = (random.nextBoolean() ? directory.live : directory.synced).get(name);
          if (entry != null) {
            left.live.put(name, survivor(entry, random, done));
          }
        }
        left.synced.putAll(left.live);
        return left;
      }
    }
  }

  /** The length may have reached the disk without the bytes, and the bytes in part. */
  private static byte[] survivingBytes(Content content, SplittableRandom random) {
    if (Arrays.equals(content.live, content.synced)) {
      return content.synced;
    }
    byte[] left = content.live.clone();
    int intact = random.nextInt(content.synced.length, left.length + 1);
    Arrays.fill(left, intact, left.length, (byte) 0);
    return random.nextBoolean() ? left : Arrays.copyOf(left, intact);
  }

  private void step() throws IOException {
    if (callsLeft <= 0) {
      throw new IOException(FAULT + ": power is gone");
    }
    callsLeft--;
    if (hiccups != null && hiccups.nextInt(callsPerHiccup) == 0) {
      throw new IOException(FAULT + ": input/output error");
    }
  }

  private static String name(Path path) {
    return Objects.requireNonNull(path.getFileName(), "root has no name").toString();
  }

  private @Nullable Node lookUp(@Nullable Path path) {
    Node node = top;
    if (path != null) {
      for (Path part : path) {
        node = node instanceof Directory in ? in.live.get(part.toString()) : null;
      }
    }
    return node;
  }

  private Directory directory(@Nullable Path path) throws IOException {
    if (lookUp(path) instanceof Directory directory) {
      return directory;
    }
    throw new NoSuchFileException("" + path);
  }

  private Content content(Path path) throws IOException {
    if (lookUp(path) instanceof Content content) {
      return content;
    }
    throw new NoSuchFileException(path.toString());
  }

  /** No second process in a simulation of one. */
  @Override
  public Closeable lock(Path file) throws IOException {
    step();
    return () -> {};
  }

  @Override
  public void probe(Path directory) throws IOException {
    step();
  }

  @Override
  public boolean createDirectory(Path path) throws IOException {
    step();
    return directory(path.getParent()).live.putIfAbsent(name(path), new Directory()) == null;
  }

  @Override
  public void forceDirectory(Path path) throws IOException {
    step();
    Directory directory = directory(path);
    directory.synced.clear();
    directory.synced.putAll(directory.live);
  }

  @Override
  public void list(Path path, PathVisitor visitor) throws IOException {
    step();
    for (String name : List.copyOf(directory(path).live.keySet())) {
      visitor.visit(path.resolve(name));
    }
  }

  @Override
  public BlockFile create(Path path) throws IOException {
    step();
    Content content = new Content();
    if (directory(path.getParent()).live.putIfAbsent(name(path), content) != null) {
      throw new FileAlreadyExistsException(path.toString());
    }
    return new OpenFile(content);
  }

  @Override
  public BlockFile open(Path path) throws IOException {
    step();
    return new OpenFile(content(path));
  }

  @Override
  public boolean publish(Path temporary, Path name) throws IOException {
    step();
    Content content = content(temporary);
    return directory(name.getParent()).live.putIfAbsent(name(name), content) == null;
  }

  @Override
  public void move(Path from, Path to) throws IOException {
    step();
    Content content = content(from);
    directory(to.getParent()).live.put(name(to), content);
    directory(from.getParent()).live.remove(name(from));
  }

  @Override
  public boolean delete(Path path) throws IOException {
    step();
    if (lookUp(path) instanceof Directory) {
      throw new FileSystemException(path.toString(), null, "Is a directory");
    }
    return lookUp(path) != null && directory(path.getParent()).live.remove(name(path)) != null;
  }

  @Override
  public long size(Path path) throws IOException {
    step();
    return content(path).live.length;
  }

  private final class OpenFile implements BlockFile {
    private final Content content;

    OpenFile(Content content) {
      this.content = content;
    }

    @Override
    public long size() throws IOException {
      step();
      return content.live.length;
    }

    @Override
    public int read(ByteBuffer into, long offset) throws IOException {
      step();
      int length = (int) Math.min(into.remaining(), content.live.length - offset);
      if (length <= 0) {
        return -1;
      }
      into.put(content.live, (int) offset, length);
      return length;
    }

    /** One buffer at a time, so that a stop can fall between header and body. */
    @Override
    public long write(ByteBuffer... from) throws IOException {
      step();
      for (ByteBuffer buffer : from) {
        int length = buffer.remaining();
        if (length > 0) {
          byte[] longer = Arrays.copyOf(content.live, content.live.length + length);
          buffer.get(longer, content.live.length, length);
          content.live = longer;
          return length;
        }
      }
      return 0;
    }

    @Override
    public void force() throws IOException {
      step();
      content.synced = content.live;
    }

    @Override
    public void close() throws IOException {
      step();
    }
  }
}
