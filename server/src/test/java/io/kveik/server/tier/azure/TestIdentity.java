package io.kveik.server.tier.azure;

import io.kveik.server.Programs;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * A self-signed certificate of 127.0.0.1, made by the JDK's keytool.
 *
 * @param store PKCS#12, certificate and key
 * @param certificate PEM
 */
record TestIdentity(Path store, Path certificate) {
  static final String PASSWORD = "changeit";

  static TestIdentity make(Path directory) throws IOException, InterruptedException {
    TestIdentity identity =
        new TestIdentity(directory.resolve("server.p12"), directory.resolve("server.pem"));
    keytool(
        identity,
        "-genkeypair",
        "-keyalg",
        "RSA",
        "-keysize",
        "2048",
        "-validity",
        "2",
        "-dname",
        "CN=127.0.0.1",
        "-ext",
        "san=ip:127.0.0.1,dns:localhost",
        "-storetype",
        "PKCS12");
    keytool(identity, "-exportcert", "-rfc", "-file", identity.certificate.toString());
    return identity;
  }

  /** A server's side. */
  SSLContext serverContext() throws IOException, GeneralSecurityException {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD.toCharArray());
    }
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(keys, PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(factory.getKeyManagers(), null, null);
    return context;
  }

  private static void keytool(TestIdentity identity, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(arguments));
    command.addAll(List.of("-alias", "server", "-storepass", PASSWORD));
    command.addAll(List.of("-keystore", identity.store.toString()));
    Programs.run(Duration.ofMinutes(1), command);
  }
}
