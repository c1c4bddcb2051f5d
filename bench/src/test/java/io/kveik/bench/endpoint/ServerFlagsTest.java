package io.kveik.bench.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ServerFlagsTest {
  @Test
  void theHeapGrowsWithTheBlocks() {
    assertThat(ServerFlags.of(0, List.of())).contains("-XX:+UseZGC", "-Xmx1024m");
    assertThat(ServerFlags.of(512 << 10, List.of())).contains("-Xmx1024m");
    assertThat(ServerFlags.of(2 << 20, List.of())).contains("-Xmx2560m");
  }

  @Test
  void theUsersFlagsWin() {
    List<String> flags = ServerFlags.of(0, List.of("-Xmx256m", "-XX:+UseSerialGC"));
    assertThat(flags).endsWith("-Xmx256m", "-XX:+UseSerialGC").doesNotContain("-XX:+UseZGC");
  }
}
