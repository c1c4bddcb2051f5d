package io.kveik.server.cli;

import java.util.List;

/** Adds commands to {@code ./kveik} from other modules; found through ServiceLoader. */
public interface CommandProvider {
  /** Objects annotated as picocli commands. */
  List<Object> commands();
}
