package io.kveik.server.tier.azure;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collection;
import java.util.Optional;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** Whom TLS connections trust: the platform's authorities, and what an operator adds to them. */
final class TrustedCertificates {
  private static final int MAX_FILE_BYTES = 1024 * 1024;

  private TrustedCertificates() {}

  /**
   * @param added PEM file of certificates
   * @throws IOException when the file can't be read or has no certificate
   */
  static TrustManagerFactory with(Optional<Path> added)
      throws IOException, GeneralSecurityException {
    TrustManagerFactory platform = factory(null);
    if (added.isEmpty()) {
      return platform;
    }
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    int count = 0;
    for (Certificate certificate : read(added.get())) {
      store.setCertificateEntry("added-" + count++, certificate);
    }
    for (X509Certificate certificate : authorities(platform)) {
      store.setCertificateEntry("platform-" + count++, certificate);
    }
    return factory(store);
  }

  private static TrustManagerFactory factory(@Nullable KeyStore store)
      throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory;
  }

  private static Collection<? extends Certificate> read(Path file)
      throws IOException, GeneralSecurityException {
    if (Files.size(file) > MAX_FILE_BYTES) {
      throw new IOException("'" + file + "' is larger than " + MAX_FILE_BYTES + " bytes");
    }
    try (InputStream in = Files.newInputStream(file)) {
      Collection<? extends Certificate> certificates =
          CertificateFactory.getInstance("X.509").generateCertificates(in);
      if (certificates.isEmpty()) {
        throw new IOException("'" + file + "' has no certificate");
      }
      return certificates;
    }
  }

  private static X509Certificate[] authorities(TrustManagerFactory factory) {
    return Arrays.stream(factory.getTrustManagers())
        .filter(X509TrustManager.class::isInstance)
        .flatMap((TrustManager manager) ->
            Arrays.stream(((X509TrustManager) manager).getAcceptedIssuers()))
        .toArray(X509Certificate[]::new);
  }
}
