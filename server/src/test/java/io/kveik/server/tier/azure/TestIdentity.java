package io.kveik.server.tier.azure;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.X509ExtendedKeyManager;

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

  /**
   * A server's side.
   *
   * @param shown runs when a client is shown the certificate, which no resumed session needs
   */
  SSLContext serverContext(Runnable shown) throws IOException, GeneralSecurityException {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD.toCharArray());
    }
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(keys, PASSWORD.toCharArray());
    X509ExtendedKeyManager real = (X509ExtendedKeyManager) factory.getKeyManagers()[0];
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(new KeyManager[] {new Watched(real, shown)}, null, null);
    return context;
  }

  private static final class Watched extends X509ExtendedKeyManager {
    private final X509ExtendedKeyManager real;
    private final Runnable shown;

    Watched(X509ExtendedKeyManager real, Runnable shown) {
      this.real = real;
      this.shown = shown;
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
      shown.run();
      return real.getPrivateKey(alias);
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
      return real.getCertificateChain(alias);
    }

    @Override
    public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
      return real.chooseServerAlias(type, issuers, socket);
    }

    @Override
    public String[] getServerAliases(String type, Principal[] issuers) {
      return real.getServerAliases(type, issuers);
    }

    @Override
    public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
      return real.chooseClientAlias(types, issuers, socket);
    }

    @Override
    public String[] getClientAliases(String type, Principal[] issuers) {
      return real.getClientAliases(type, issuers);
    }
  }

  private static void keytool(TestIdentity identity, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(arguments));
    command.addAll(List.of("-alias", "server", "-storepass", PASSWORD));
    command.addAll(List.of("-keystore", identity.store.toString()));
    Process process = new ProcessBuilder(command).inheritIO().start();
    if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IOException("keytool failed");
    }
  }
}
