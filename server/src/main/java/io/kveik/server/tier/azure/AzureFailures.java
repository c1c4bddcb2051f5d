package io.kveik.server.tier.azure;

import com.azure.core.exception.HttpResponseException;
import com.azure.core.http.HttpHeaderName;
import com.azure.core.http.HttpResponse;
import com.azure.identity.CredentialUnavailableException;
import com.azure.storage.blob.models.BlobErrorCode;
import com.azure.storage.blob.models.BlobStorageException;
import io.kveik.server.tier.object.BlobFailure;
import io.kveik.server.tier.object.BlobFailure.Kind;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/**
 * What a failed call means. Reasons are made of status, error code and the kind of exception only:
 * Azure's own messages quote the signed request, and those of a network library may quote a URL.
 */
final class AzureFailures {
  private static final int REQUEST_TIMEOUT = 408;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int SERVER_ERROR = 500;
  private static final int SERVICE_UNAVAILABLE = 503;
  private static final long MAX_RETRY_AFTER_SECONDS = 3_600;
  private static final HttpHeaderName ERROR_CODE = HttpHeaderName.fromString("x-ms-error-code");
  private static final Pattern CODE = Pattern.compile("[A-Za-z0-9]{1,64}");

  private AzureFailures() {}

  static BlobFailure of(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof HttpResponseException answered && answered.getResponse() != null) {
        return answered(answered);
      }
      if (cause instanceof ForbiddenAddressException || cause instanceof UnusableAccountException) {
        return refused(Objects.requireNonNull(cause.getMessage()));
      }
      if (cause instanceof CredentialUnavailableException) {
        return refused("no credential of the configured kind is available here");
      }
    }
    String reason = failure instanceof TimeoutException ? "no answer in time" : kindOf(failure);
    return new BlobFailure(Kind.UNAVAILABLE, 0, reason);
  }

  static BlobFailure refused(String reason) {
    return new BlobFailure(Kind.REFUSED, 0, reason);
  }

  static BlobFailure unavailable(String reason) {
    return new BlobFailure(Kind.UNAVAILABLE, 0, reason);
  }

  /** Whether the storage refused the call with that code. */
  static boolean is(BlobErrorCode code, Throwable failure) {
    return failure instanceof BlobStorageException refusal && code.equals(refusal.getErrorCode());
  }

  /** The HTTP status that the call ended with; 0 when there was no answer. */
  static int status(Throwable failure) {
    return failure instanceof HttpResponseException answered && answered.getResponse() != null
        ? answered.getResponse().getStatusCode()
        : 0;
  }

  private static BlobFailure answered(HttpResponseException failure) {
    HttpResponse response = failure.getResponse();
    int status = response.getStatusCode();
    Kind kind =
        switch (status) {
          case SERVICE_UNAVAILABLE, TOO_MANY_REQUESTS -> Kind.THROTTLED;
          case REQUEST_TIMEOUT -> Kind.UNAVAILABLE;
          default -> status >= SERVER_ERROR ? Kind.UNAVAILABLE : Kind.REFUSED;
        };
    if (is(BlobErrorCode.CONTAINER_BEING_DELETED, failure)) {
      kind = Kind.UNAVAILABLE;
    }
    String code = response.getHeaderValue(ERROR_CODE);
    boolean known = code != null && CODE.matcher(code).matches();
    String reason = "status " + status + (known ? " " + code : "");
    return new BlobFailure(kind, retryAfterMillis(response), reason);
  }

  private static long retryAfterMillis(HttpResponse response) {
    String millis = response.getHeaderValue(HttpHeaderName.RETRY_AFTER_MS);
    if (millis != null) {
      return bounded(millis, 1);
    }
    String seconds = response.getHeaderValue(HttpHeaderName.RETRY_AFTER);
    return seconds == null ? 0 : bounded(seconds, TimeUnit.SECONDS.toMillis(1));
  }

  /** Dates, which HTTP allows here too, and nonsense count as "did not say". */
  private static long bounded(String text, long unitMillis) {
    try {
      long value = Long.parseLong(text.trim());
      long most = TimeUnit.SECONDS.toMillis(MAX_RETRY_AFTER_SECONDS);
      return Math.clamp(value, 0, most / unitMillis) * unitMillis;
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private static String kindOf(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String outer = failure.getClass().getSimpleName();
    return failure.getCause() == null
        ? outer
        : outer + " (" + root.getClass().getSimpleName() + ")";
  }
}
