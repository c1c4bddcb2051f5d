package io.kveik.bench.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Whether Azurite takes a signature is for StoreDriversTest; here, what it depends on. */
class SharedKeyTest {
  private static final SharedKey KEY = new SharedKey("account", "a2V5");

  @Test
  void dependsOnAllThatCounts() {
    String one = sign("GET", 0, "2021-08-06", "/account/c/blob");
    assertThat(one)
        .startsWith("SharedKey account:")
        .isEqualTo(sign("GET", 0, "2021-08-06", "/account/c/blob"));
    assertThat(sign("HEAD", 0, "2021-08-06", "/account/c/blob")).isNotEqualTo(one);
    assertThat(sign("GET", 1, "2021-08-06", "/account/c/blob")).isNotEqualTo(one);
    assertThat(sign("GET", 0, "2021-08-07", "/account/c/blob")).isNotEqualTo(one);
    assertThat(sign("GET", 0, "2021-08-06", "/account/c/other")).isNotEqualTo(one);
  }

  private static String sign(String verb, long length, String version, String path) {
    TreeMap<String, String> headers = new TreeMap<>();
    headers.put("x-ms-version", version);
    return KEY.authorization(verb, length, headers, path, new TreeMap<>());
  }
}
