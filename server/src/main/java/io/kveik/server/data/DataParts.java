package io.kveik.server.data;

import io.kveik.server.runtime.Clock;
import io.kveik.server.samehost.SameHostMemory;
import io.kveik.server.session.Matcher;
import io.kveik.server.session.Tickets;
import java.util.Optional;

/**
 * What all connections of the data port share.
 *
 * @param matcher answers for what is not a block
 * @param sameHost memory that is lent to clients on Unix sockets; empty: none is
 * @param leasedBytes of blocks being sent, or waiting for it
 * @param receivingBytes of payloads arriving
 * @param requestBytes of LOADs not answered
 * @param matchBytes of MATCHes not answered, as {@link MatchRequests} counts them
 */
record DataParts(
    DataOptions options,
    Tickets tickets,
    Matcher matcher,
    Optional<SameHostMemory> sameHost,
    Clock clock,
    DataCounters counters,
    ConnectionTable connections,
    Allowance leasedBytes,
    Allowance receivingBytes,
    Allowance requestBytes,
    Allowance matchBytes) {

  static DataParts of(
      DataOptions options,
      Tickets tickets,
      Matcher matcher,
      Optional<SameHostMemory> sameHost,
      Clock clock) {
    DataOptions.Limits limits = options.limits();
    return new DataParts(
        options,
        tickets,
        matcher,
        sameHost,
        clock,
        new DataCounters(),
        new ConnectionTable(limits.connections(), limits.greetings()),
        new Allowance("data.leased-bytes", limits.leasedBytes()),
        new Allowance("data.receiving-bytes", limits.receivingBytes()),
        new Allowance("data.request-bytes", limits.requestBytes()),
        new Allowance(
            "data.request-bytes", MatchRequests.atLeastOne(limits.requestBytes(), options)));
  }
}
