package io.kveik.server.tier.azure;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.storage.blob.BlobServiceClientBuilder;
import com.azure.storage.common.StorageSharedKeyCredential;
import com.azure.storage.common.sas.AccountSasPermission;
import com.azure.storage.common.sas.AccountSasResourceType;
import com.azure.storage.common.sas.AccountSasService;
import com.azure.storage.common.sas.AccountSasSignatureValues;
import io.kveik.server.runtime.Clock;
import io.kveik.server.telemetry.Logging;
import io.kveik.server.tier.object.BlobContainer;
import io.kveik.server.tier.object.BlobFailure;
import io.kveik.server.tier.object.BlobFailure.Kind;
import io.kveik.server.tier.object.BlobName;
import io.kveik.server.tier.object.BlobOutcome;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Ways into an account, and that no secret gets out. */
class AzureCredentialsTest {
  private static final long TIMEOUT_MILLIS = 20_000;
  private static final String WRONG_KEY =
      Base64.getEncoder().encodeToString("another key".getBytes(StandardCharsets.UTF_8));

  private static Azurite azurite;

  @BeforeAll
  static void start() throws Exception {
    azurite = Azurite.http();
  }

  @AfterAll
  static void stop() throws Exception {
    if (azurite != null) {
      azurite.close();
    }
  }

  @Test
  void keySignatureAndConnectionStringLetIn() throws IOException {
    String sas = sas();
    for (AzureCredential credential :
        new AzureCredential[] {
          new AzureCredential.SharedKey(Azurite.ACCOUNT, () -> Azurite.KEY),
          new AzureCredential.Sas(() -> sas),
          new AzureCredential.Sas(() -> "?" + sas),
          new AzureCredential.ConnectionString(() ->
              "DefaultEndpointsProtocol=http;AccountName=%s;AccountKey=%s;BlobEndpoint=http://nowhere.invalid"
                  .formatted(Azurite.ACCOUNT, Azurite.KEY)),
          new AzureCredential.ConnectionString(() -> "SharedAccessSignature=" + sas),
        }) {
      try (AzureBlobStore store = TestStores.open(TestStores.options(), credential)) {
        assertThat(put(store)).isEqualTo(new BlobOutcome.Created());
      }
    }
  }

  @Test
  void aRenewedKeyIsReadAgainAfterARefusal() throws IOException {
    AtomicReference<String> key = new AtomicReference<>(WRONG_KEY);
    AzureCredential credential = new AzureCredential.SharedKey(Azurite.ACCOUNT, key::get);
    try (AzureBlobStore store = TestStores.open(TestStores.options(), credential)) {
      assertThat(failureOf(put(store)).kind()).isEqualTo(Kind.REFUSED);
      key.set(Azurite.KEY);
      assertThat(put(store)).isEqualTo(new BlobOutcome.Created());
    }
  }

  @Test
  void whatCannotBeUsedIsSaidByItsName() throws IOException {
    assertThat(failureWith(new AzureCredential.ConnectionString(() -> "UseSECRET=1")))
        .isEqualTo("account 'kveiktest': its credential is malformed");
    assertThat(failureWith(new AzureCredential.SharedKey("kveiktest", () -> "no base64 SECRET!")))
        .isEqualTo("account 'kveiktest': its credential is malformed");
    AzureCredential missing =
        new AzureCredential.Sas(() -> {
          throw new IOException("secret-env: 'X' is empty or not there");
        });
    assertThat(failureWith(missing))
        .isEqualTo("account 'kveiktest': secret-env: 'X' is empty or not there");
    try (AzureBlobStore store =
        AzureBlobStore.open(TestStores.options(), _ -> Optional.empty(), Clock.system())) {
      assertThat(failureOf(put(store)).reason()).contains("it is none of Azure");
    }
  }

  @Test
  void noSecretIsLoggedOrReported() throws Exception {
    String sas = sas();
    PrintStream err = System.err;
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    StringBuilder reasons = new StringBuilder();
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    try {
      Logging.configure("verbose", true);
      for (AzureOptions.Stack stack : AzureOptions.Stack.values()) {
        for (AzureCredential credential :
            new AzureCredential[] {
              new AzureCredential.Sas(() -> sas),
              new AzureCredential.Sas(() -> sas.replace("sp=", "sp=r&x=")),
              new AzureCredential.SharedKey(Azurite.ACCOUNT, () -> Azurite.KEY),
              new AzureCredential.SharedKey(Azurite.ACCOUNT, () -> WRONG_KEY),
            }) {
          try (AzureBlobStore store =
              TestStores.open(TestStores.options().with(stack), credential)) {
            reasons
                .append(put(store))
                .append(store.list(azurite.newContainer(), "", _ -> true, 5_000));
          }
          BlobContainer nobody =
              new BlobContainer("kveiktest", URI.create("http://127.0.0.1:9/x"), "c");
          try (AzureBlobStore store =
              TestStores.open(TestStores.options().with(stack), credential)) {
            reasons.append(store.head(new BlobName(nobody, "b"), TIMEOUT_MILLIS));
          }
        }
      }
    } finally {
      System.setErr(err);
      Logging.configure("info", false);
    }
    Matcher signature = Pattern.compile("sig=([^&]+)").matcher(sas);
    assertThat(signature.find()).isTrue();
    String text = log.toString(StandardCharsets.UTF_8) + reasons;
    assertThat(log.size()).as("the log was caught").isPositive();
    assertThat(text.contains(Azurite.KEY)).as("shared key").isFalse();
    assertThat(text.contains(WRONG_KEY)).as("wrong key").isFalse();
    assertThat(text.contains(signature.group(1))).as("signature").isFalse();
    assertThat(text.contains("SharedKey " + Azurite.ACCOUNT)).as("authorisation").isFalse();
  }

  private static String sas() {
    return new BlobServiceClientBuilder()
        .endpoint(azurite.endpoint().toString())
        .httpClient(new SourceRotation(Clock.system(), 0))
        .credential(new StorageSharedKeyCredential(Azurite.ACCOUNT, Azurite.KEY))
        .buildClient()
        .generateAccountSas(
            new AccountSasSignatureValues(
                OffsetDateTime.now(ZoneOffset.UTC).plusHours(1),
                AccountSasPermission.parse("rwdlac"),
                AccountSasService.parse("b"),
                AccountSasResourceType.parse("sco")));
  }

  private static String failureWith(AzureCredential credential) throws IOException {
    try (AzureBlobStore store = TestStores.open(TestStores.options(), credential)) {
      BlobFailure failure = failureOf(put(store));
      assertThat(failure.kind()).isEqualTo(Kind.REFUSED);
      return failure.reason();
    }
  }

  private static BlobOutcome put(AzureBlobStore store) {
    try (Arena arena = Arena.ofShared()) {
      BlobName blob = new BlobName(azurite.newContainer(), "b");
      return store.put(blob, Map.of(), arena.allocate(10), TIMEOUT_MILLIS);
    }
  }

  private static BlobFailure failureOf(BlobOutcome outcome) {
    assertThat(outcome).isInstanceOf(BlobOutcome.Failed.class);
    return ((BlobOutcome.Failed) outcome).failure();
  }
}
