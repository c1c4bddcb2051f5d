package io.kveik.bench;

import io.kveik.server.cli.CommandProvider;
import java.util.List;

/** Adds the bench's commands to {@code ./kveik}. */
public final class BenchCommands implements CommandProvider {
  @Override
  public List<Object> commands() {
    return List.of(new ReplayCommand(), new WhatIfCommand(), new BenchCommand());
  }
}
