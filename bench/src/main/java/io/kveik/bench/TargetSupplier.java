package io.kveik.bench;

import io.kveik.bench.endpoint.Target;
import java.io.IOException;

/** Connects to or starts the server. */
@FunctionalInterface
interface TargetSupplier {
  /** Does it. */
  Target open() throws IOException;
}
