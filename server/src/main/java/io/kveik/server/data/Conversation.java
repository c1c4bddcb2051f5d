package io.kveik.server.data;

import io.kveik.client.data.frame.BlockRange;
import io.kveik.client.data.frame.BlockStatus;
import io.kveik.client.data.frame.Credit;
import io.kveik.client.data.frame.ErrorCode;
import io.kveik.client.data.frame.FrameException;
import io.kveik.client.data.frame.FrameHeader;
import io.kveik.client.data.frame.FrameReader;
import io.kveik.client.data.frame.LendBody;
import io.kveik.client.data.frame.LoadBody;
import io.kveik.client.data.frame.ReleaseBody;
import io.kveik.client.data.frame.StoreBody;
import io.kveik.server.cache.ReadOutcome;
import io.kveik.server.runtime.Threads;
import io.kveik.server.session.BlockSession;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a connection is about once its ticket was good: requests in, answers out.
 *
 * <p>The connection's thread reads requests and sends what can be sent at once; while that blocks
 * nothing is read, which is the push-back. A second thread, started when a request first has to
 * wait, sends what comes late. The sending lock orders the two.
 */
final class Conversation {
  private static final Logger LOG = LoggerFactory.getLogger(Conversation.class);

  private final String name;
  private final FrameReader in;
  private final IoDeadline reading;
  private final DataParts parts;
  private final DataOptions.Limits limits;
  private final int maxBlocksPerLoad;
  private final StoreRequests stores;
  private final MatchRequests matches;
  private final Runnable cutOff;
  private final LateAnswers late;
  private final ReentrantLock sending = new ReentrantLock();

  // Guarded by sending.
  private final Outbox out;
  private final Optional<Lending> lending;
  private final Answers answers;
  private boolean lateThreadStarted;
  private boolean goingAway;
  private long lastRequestId;

  /**
   * @param reading deadline of what blocks on {@code in}
   * @param lending memory that the client may read in place; empty for one on another host
   * @param cutOff closes the connection at once
   */
  Conversation(
      String name,
      FrameReader in,
      IoDeadline reading,
      Outbox out,
      BlockSession session,
      Optional<Lending> lending,
      DataParts parts,
      Runnable cutOff) {
    this.name = name;
    this.in = in;
    this.reading = reading;
    this.out = out;
    this.lending = lending;
    this.parts = parts;
    this.limits = parts.options().limits();
    this.maxBlocksPerLoad = parts.options().session().maxIdsPerCall();
    this.cutOff = cutOff;
    this.late = new LateAnswers(parts.matchBytes());
    this.stores = new StoreRequests(in, session, parts);
    this.matches = new MatchRequests(in, session, parts);
    this.answers = new Answers(session, out, parts, this::fetch);
  }

  /**
   * Serves until the client ends the connection or breaks the protocol, or it is cut off.
   *
   * @param creditBytes what the client gave with its HELLO
   */
  void run(long creditBytes) throws IOException {
    try {
      locked(() -> answers.grant(creditBytes));
      reading.arm(limits.idleMillis());
      while (in.awaitFrame()) {
        reading.arm(limits.frameMillis());
        dispatch(in.readHeader());
        reading.arm(limits.idleMillis());
      }
    } catch (FrameException e) {
      locked(() -> out.error(e.code(), String.valueOf(e.getMessage())));
      throw e;
    } finally {
      late.close();
      sending.lock();
      try {
        goingAway = true;
        answers.abandon();
      } finally {
        sending.unlock();
      }
    }
  }

  /** Takes no more requests; the connection ends when those in progress are answered. */
  void drain() {
    try {
      // Whoever has it for longer is cut off by its deadline.
      if (!sending.tryLock(limits.frameMillis(), TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    try {
      if (!goingAway) {
        goingAway = true;
        out.goAway(lastRequestId);
        endIfAnswered();
      }
    } catch (IOException e) {
      cutOff.run();
    } finally {
      sending.unlock();
    }
  }

  private void dispatch(FrameHeader header) throws IOException {
    switch (header.type()) {
      case LOAD -> load(header);
      case STORE -> store(header);
      case MATCH -> match(header);
      case CREDIT -> {
        Credit credit = Credit.decode(in.readBody(header, Credit.BODY_BYTES));
        locked(() -> {
          answers.grant(credit.bytes());
          answers.pump();
        });
      }
      case CANCEL -> {
        in.readBody(header, 0);
        locked(() -> answers.cancel(header.requestId()));
      }
      case LEND -> lend(header);
      case RELEASE -> lending(header).release(in.readBody(header, ReleaseBody.MAX_BYTES));
      case PING -> {
        in.readBody(header, 0);
        locked(() -> out.pong(header.requestId()));
      }
      case HELLO, WELCOME, BLOCK, STORED, LENT, MATCHED, PONG, ERROR, GOAWAY ->
          throw new FrameException(
              ErrorCode.PROTOCOL, header.type() + " where a request must come");
    }
  }

  private void load(FrameHeader header) throws IOException {
    long longest = LoadBody.FIXED_BYTES + (long) maxBlocksPerLoad * BlockRange.MAX_BYTES;
    int bodyBytes = FrameReader.checkBody(header, (int) Math.min(Integer.MAX_VALUE, longest));
    if (!admittedOrSkipped(header)) {
      return;
    }
    if (!parts.requestBytes().tryTake(bodyBytes)) {
      in.skip(bodyBytes);
      locked(() -> out.allMissing(header.requestId(), BlockStatus.BUSY));
      return;
    }
    LoadBody body;
    try {
      body = LoadBody.decode(in.readBody(header, bodyBytes), maxBlocksPerLoad);
    } catch (IOException e) {
      parts.requestBytes().giveBack(bodyBytes);
      throw e;
    }
    locked(() -> {
      answers.load(header.requestId(), body, bodyBytes);
      answers.pump();
    });
  }

  private void lend(FrameHeader header) throws IOException {
    Lending lender = lending(header);
    byte[] body = in.readBody(header, LendBody.MAX_BYTES);
    if (admitted(header)) {
      locked(() -> lender.lend(header.requestId(), LendBody.decode(body)));
    }
  }

  private Lending lending(FrameHeader header) throws FrameException {
    return lending.orElseThrow(() ->
        new FrameException(
            ErrorCode.PROTOCOL,
            header.type()
                + ": no memory is lent here; only on the Unix socket, with"
                + " same-host.bytes above 0"));
  }

  private void store(FrameHeader header) throws IOException {
    int limit = parts.options().session().maxBlockBytes();
    if (header.payloadBytes() > limit) {
      throw new FrameException(
          ErrorCode.TOO_LARGE,
          "STORE: payload of %d bytes, limit %d".formatted(header.payloadBytes(), limit));
    }
    FrameReader.checkBody(header, StoreBody.MAX_BYTES);
    if (!admittedOrSkipped(header)) {
      return;
    }
    locked(answers::owed);
    long requestId = header.requestId();
    reply(stores.receive(header).thenApply(body -> new Answers.Reply.Stored(requestId, body)));
  }

  private void match(FrameHeader header) throws IOException {
    FrameReader.checkBody(header, matches.maxBytes());
    if (!admittedOrSkipped(header)) {
      return;
    }
    locked(answers::owed);
    reply(matches.receive(header));
  }

  /** Sends what answers a request that is {@link Answers#owed}: now, or once it is there. */
  private void reply(CompletionStage<? extends Answers.Reply> stage) throws IOException {
    CompletableFuture<? extends Answers.Reply> reply = stage.toCompletableFuture();
    if (reply.isDone()) {
      locked(() -> answers.reply(reply.join()));
      return;
    }
    locked(this::startLateThread);
    reply.whenComplete((outcome, failure) -> {
      if (outcome == null) {
        fail(failure);
      } else {
        late.add(new LateAnswers.Late.Single(outcome));
      }
    });
  }

  /** Counts a request in, or reads past the rest of it; see {@link #admitted}. */
  private boolean admittedOrSkipped(FrameHeader header) throws IOException {
    boolean admitted = admitted(header);
    if (!admitted) {
      in.skip((long) header.bodyBytes() + header.payloadBytes());
    }
    return admitted;
  }

  /**
   * Counts a request in.
   *
   * @return false when the connection ends and takes no more
   * @throws FrameException when its id has been used, or there are too many
   */
  private boolean admitted(FrameHeader header) throws FrameException {
    long requestId = header.requestId();
    sending.lock();
    try {
      if (goingAway) {
        return false;
      }
      if (Long.compareUnsigned(requestId, lastRequestId) <= 0) {
        throw new FrameException(
            ErrorCode.PROTOCOL,
            "request id: %s, must be above %s"
                .formatted(Long.toUnsignedString(requestId), Long.toUnsignedString(lastRequestId)));
      }
      if (answers.outstanding() == limits.requests()) {
        throw new FrameException(
            ErrorCode.TOO_MANY, "data.requests: limit " + limits.requests() + " at a time");
      }
      lastRequestId = requestId;
      return true;
    } finally {
      sending.unlock();
    }
  }

  /** Brings the outcome to the late thread. The caller has the sending lock. */
  private void fetch(CompletableFuture<ReadOutcome> outcome, Answers.Wanted wanted) {
    startLateThread();
    outcome.whenComplete((read, failure) -> {
      if (read == null) {
        fail(failure);
      } else {
        Fetched fetched = Fetched.transfer(read, parts.leasedBytes());
        late.add(new LateAnswers.Late.Block(new Answers.Arrival(wanted, fetched)));
      }
    });
  }

  private void startLateThread() {
    if (!lateThreadStarted) {
      lateThreadStarted = true;
      Threads.start(name + "-late", this::sendLate);
    }
  }

  private void sendLate() {
    try {
      while (late.await()) {
        locked(this::settleArrived);
      }
    } catch (IOException e) {
      LOG.debug("{}: {}", name, e.toString());
      cutOff.run();
    } catch (RuntimeException e) {
      fail(e);
    }
  }

  private void settleArrived() throws IOException {
    LateAnswers.Late arrived;
    while ((arrived = late.poll()) != null) {
      switch (arrived) {
        case LateAnswers.Late.Block(Answers.Arrival arrival) -> answers.settle(arrival);
        case LateAnswers.Late.Single(Answers.Reply reply) -> answers.reply(reply);
      }
    }
    answers.pump();
  }

  /** A bug of ours: said in the log, and the client must not wait for an answer. */
  private void fail(@Nullable Throwable failure) {
    LOG.error("{}", name, failure);
    cutOff.run();
  }

  /** What is done with the sending lock held. */
  private interface Sending {
    void run() throws IOException;
  }

  private void locked(Sending action) throws IOException {
    sending.lock();
    try {
      action.run();
      endIfAnswered();
    } finally {
      sending.unlock();
    }
  }

  private void endIfAnswered() {
    if (goingAway && answers.outstanding() == 0) {
      cutOff.run();
    }
  }
}
