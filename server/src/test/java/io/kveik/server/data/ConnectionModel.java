package io.kveik.server.data;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.ThreadFactory;

/** A way to serve many connections at once. The first is the data port's. */
enum ConnectionModel {
  PLATFORM_THREADS,
  VIRTUAL_THREADS,
  ONE_LOOP,
  TWO_LOOPS;

  /** Takes connections, one call at a time; each is served until its client closes it. */
  @FunctionalInterface
  interface Taker {
    void take(SocketChannel socket) throws IOException;
  }

  /** Ready to serve these slots, on threads that keep no process alive. */
  Taker taker(MemorySegment slots) throws IOException {
    return switch (this) {
      case PLATFORM_THREADS -> blocking(Thread.ofPlatform().daemon().factory(), slots);
      case VIRTUAL_THREADS -> blocking(Thread.ofVirtual().factory(), slots);
      case ONE_LOOP -> new EventLoop(slots);
      case TWO_LOOPS -> inTurn(new EventLoop(slots), new EventLoop(slots));
    };
  }

  private static Taker blocking(ThreadFactory threads, MemorySegment slots) {
    return socket -> threads.newThread(() -> answerAll(socket, slots)).start();
  }

  private static void answerAll(SocketChannel socket, MemorySegment slots) {
    SlotExchange exchange = new SlotExchange(socket, slots);
    try (socket) {
      while (true) {
        boolean asked = exchange.receive();
        while (asked) {
          asked = !exchange.send();
        }
      }
    } catch (IOException e) {
      // The client has what it wanted and is gone.
    }
  }

  private static Taker inTurn(EventLoop... loops) {
    int[] taken = {0};
    return socket -> loops[taken[0]++ % loops.length].take(socket);
  }

  /**
   * One selector and its thread. A connection that is ready gets one read and one write, of one
   * answer at most, before the next has its turn; while its answer is under way nothing is read.
   */
  private static final class EventLoop implements Taker {
    private final Selector selector = Selector.open();
    private final MemorySegment slots;

    EventLoop(MemorySegment slots) throws IOException {
      this.slots = slots;
      Thread.ofPlatform().daemon().name("loop").start(this::run);
    }

    @Override
    public void take(SocketChannel socket) throws IOException {
      socket.configureBlocking(false);
      socket.register(selector, SelectionKey.OP_READ, new SlotExchange(socket, slots));
      selector.wakeup();
    }

    private void run() {
      try {
        while (true) {
          selector.select(EventLoop::turn);
        }
      } catch (IOException e) {
        throw new IllegalStateException("select", e);
      }
    }

    private static void turn(SelectionKey key) {
      SlotExchange exchange = (SlotExchange) key.attachment();
      try {
        if (key.isWritable() || exchange.receive()) {
          key.interestOps(exchange.send() ? SelectionKey.OP_READ : SelectionKey.OP_WRITE);
        }
      } catch (IOException e) {
        try {
          key.channel().close();
        } catch (IOException alsoThen) {
          // The client is gone.
        }
      }
    }
  }
}
