package io.kveik.server.tier.azure;

import io.kveik.server.runtime.Clock;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/** Stores as tests need them. */
final class TestStores {
  static final AzureOptions.Limits LIMITS =
      new AzureOptions.Limits(8, 100, 4096, 2, 2_000, 60_000, 30_000, 300_000, 10_000);
  static final AzureCredential KEY =
      new AzureCredential.SharedKey(Azurite.ACCOUNT, () -> Azurite.KEY);

  /** An address that no machine has (RFC 5737): nothing can be reached from it. */
  static final List<InetAddress> NOT_OURS = List.of(InetAddress.ofLiteral("192.0.2.1"));

  private TestStores() {}

  static AzureOptions options() {
    return AzureOptions.of(LIMITS);
  }

  static AzureBlobStore open(AzureOptions options) throws IOException {
    return open(options, KEY);
  }

  static AzureBlobStore open(AzureOptions options, AzureCredential credential) throws IOException {
    return AzureBlobStore.open(options, _ -> Optional.of(credential), Clock.system());
  }
}
