package io.kveik.server.tier.s3;

import io.kveik.server.tier.object.BlobFailure;
import java.io.UncheckedIOException;
import java.util.concurrent.RejectedExecutionException;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * What the SDK throws, sorted by what helps. Reasons are made of status and error code, never of
 * the SDK's messages, which may quote what was sent.
 */
final class S3Failures {
  static final int NOT_FOUND = 404;
  static final int CONFLICT = 409;
  static final int PRECONDITION_FAILED = 412;
  private static final int REQUEST_TIMEOUT = 408;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int SERVER_ERROR = 500;
  private static final int SERVICE_UNAVAILABLE = 503;
  private static final int NO_STATUS = 0;
  private static final String NO_SUCH_BUCKET = "NoSuchBucket";
  private static final int MAX_RETRY_AFTER_SECONDS = 3_600;

  private S3Failures() {}

  /** The HTTP status; 0 when there was no answer. */
  static int statusOf(RuntimeException e) {
    return e instanceof S3Exception s3 ? s3.statusCode() : NO_STATUS;
  }

  /** The object is missing, not its bucket. */
  static boolean isNotThere(RuntimeException e) {
    return statusOf(e) == NOT_FOUND && !codeOf(e).equals(NO_SUCH_BUCKET);
  }

  /**
   * The SDK throws its own exceptions for what the store does, plain ones for answers that break
   * off and for calls after the close.
   *
   * @throws RuntimeException the same one, when it is of neither sort: a bug
   */
  static BlobFailure of(RuntimeException e) {
    if (!(e instanceof SdkException
        || e instanceof UncheckedIOException
        || e instanceof IllegalStateException
        || e instanceof RejectedExecutionException)) {
      throw e;
    }
    int status = statusOf(e);
    BlobFailure.Kind kind =
        switch (status) {
          case SERVICE_UNAVAILABLE, TOO_MANY_REQUESTS -> BlobFailure.Kind.THROTTLED;
          // A conflict is one with another request in progress.
          case NO_STATUS, REQUEST_TIMEOUT, CONFLICT -> BlobFailure.Kind.UNAVAILABLE;
          default ->
              status >= SERVER_ERROR ? BlobFailure.Kind.UNAVAILABLE : BlobFailure.Kind.REFUSED;
        };
    String reason =
        status == NO_STATUS
            ? "s3: " + e.getClass().getSimpleName() + causeOf(e)
            : "s3: " + status + " " + codeOf(e);
    return new BlobFailure(kind, retryAfterMillis(e), reason);
  }

  private static String causeOf(RuntimeException e) {
    Throwable cause = e.getCause();
    return cause == null ? "" : " (" + cause.getClass().getSimpleName() + ")";
  }

  private static String codeOf(RuntimeException e) {
    if (e instanceof S3Exception s3) {
      AwsErrorDetails details = s3.awsErrorDetails();
      if (details != null && details.errorCode() != null) {
        return details.errorCode();
      }
    }
    return "";
  }

  /** Seconds only: S3 and its kin send no dates. */
  private static long retryAfterMillis(RuntimeException e) {
    if (!(e instanceof S3Exception s3) || s3.awsErrorDetails() == null) {
      return 0;
    }
    var response = s3.awsErrorDetails().sdkHttpResponse();
    if (response == null) {
      return 0;
    }
    String seconds = response.firstMatchingHeader("Retry-After").orElse("");
    return seconds.matches("[0-9]{1,9}")
        ? 1_000L * Math.min(MAX_RETRY_AFTER_SECONDS, Long.parseLong(seconds))
        : 0;
  }
}
