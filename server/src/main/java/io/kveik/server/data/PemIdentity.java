package io.kveik.server.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** A server's certificate chain and private key, from the PEM files that operators have. */
public final class PemIdentity {
  private static final Pattern KEY =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
  private static final List<String> KEY_ALGORITHMS = List.of("RSA", "EC", "EdDSA");
  private static final int MAX_FILE_BYTES = 1024 * 1024;

  private PemIdentity() {}

  /**
   * What a server shows its clients. Clients show nothing: they have tickets.
   *
   * @param chain certificates, the server's own first
   * @param key PKCS#8, not encrypted
   * @throws IOException when a file can't be read or is not what it should be
   */
  public static SSLContext serverContext(Path chain, Path key)
      throws IOException, GeneralSecurityException {
    char[] noPassword = {};
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, noPassword);
    store.setKeyEntry("data", readKey(key), noPassword, readChain(chain));
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, noPassword);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }

  private static Certificate[] readChain(Path file) throws IOException, GeneralSecurityException {
    checkSize(file);
    try (InputStream in = Files.newInputStream(file)) {
      Certificate[] chain =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(in)
              .toArray(Certificate[]::new);
      if (chain.length == 0) {
        throw new IOException("'" + file + "' has no certificate");
      }
      return chain;
    }
  }

  private static PrivateKey readKey(Path file) throws IOException, GeneralSecurityException {
    checkSize(file);
    Matcher pem = KEY.matcher(Files.readString(file, StandardCharsets.US_ASCII));
    if (!pem.find()) {
      throw new IOException("'" + file + "' has no 'BEGIN PRIVATE KEY' (PKCS#8, not encrypted)");
    }
    byte[] encoded = Base64.getMimeDecoder().decode(pem.group(1));
    for (String algorithm : KEY_ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
      } catch (InvalidKeySpecException e) {
        // Of another algorithm.
      }
    }
    throw new IOException("'" + file + "': its key is none of " + KEY_ALGORITHMS);
  }

  private static void checkSize(Path file) throws IOException {
    long bytes = Files.size(file);
    if (bytes > MAX_FILE_BYTES) {
      throw new IOException("'" + file + "': " + bytes + " bytes, limit " + MAX_FILE_BYTES);
    }
  }
}
