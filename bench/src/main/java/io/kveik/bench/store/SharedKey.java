package io.kveik.bench.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.SortedMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs requests to Azure Blob Storage with an account's key: an HMAC-SHA256 over the verb, the
 * headers that count and the path, as "Authorize with Shared Key" of its documentation says, for
 * versions from 2015-02-21 on. Immutable and thread-safe.
 *
 * @param account name of the account
 * @param key of the account, in base64
 */
record SharedKey(String account, String key) {
  /** The account that every Azurite has; name and key are public. */
  static final SharedKey AZURITE =
      new SharedKey(
          "devstoreaccount1",
          "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==");

  private static final String ALGORITHM = "HmacSHA256";

  /**
   * The value of the Authorization header.
   *
   * @param contentLength of the body; 0 for none
   * @param azureHeaders the request's x-ms-... headers, by lower-case name
   * @param path of the URL, from its first slash on
   * @param query each parameter by name
   */
  String authorization(
      String verb,
      long contentLength,
      SortedMap<String, String> azureHeaders,
      String path,
      SortedMap<String, String> query) {
    StringBuilder text = new StringBuilder(verb).append("\n\n\n");
    text.append(contentLength == 0 ? "" : contentLength).append('\n');
    // Content-MD5, Content-Type, Date, four conditions and Range: none of them is sent.
    text.append("\n".repeat(8));
    azureHeaders.forEach((name, value) -> text.append(name + ":" + value + "\n"));
    text.append('/').append(account).append(path);
    query.forEach((name, value) -> text.append("\n" + name + ":" + value));
    return "SharedKey " + account + ":" + sign(text.toString());
  }

  private String sign(String text) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(Base64.getDecoder().decode(key), ALGORITHM));
      return Base64.getEncoder().encodeToString(mac.doFinal(text.getBytes(UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(ALGORITHM + " is in every JDK", e);
    }
  }
}
