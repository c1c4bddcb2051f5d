package io.kveik.client.codec;

import java.util.Optional;
import java.util.Set;

/**
 * What a client makes of payloads before it stores them, and undoes when it loads them: first lower
 * precision, which loses what it rounds off, then gzip, which loses nothing. Immutable.
 *
 * <p>It is part of the namespace's dtype, so that blocks stored in different ways are never taken
 * for one another, and other clients find them by the same transform only.
 *
 * @param precision of the stored numbers; the caller's are fp32. Empty: as the caller has them
 * @param gzip whether payloads are compressed
 */
public record PayloadTransform(Optional<Precision> precision, boolean gzip) {
  private static final PayloadTransform NONE = new PayloadTransform(Optional.empty(), false);
  private static final String FP32 = "fp32";
  private static final Set<String> NAMES_OF_FP32 =
      Set.of("", FP32, "f32", "float32", "float", "torch.float32");
  private static final char PARAMETER = ';';

  /** Payloads as they are. */
  public static PayloadTransform none() {
    return NONE;
  }

  /** Numbers of lower precision. */
  public static PayloadTransform lowerTo(Precision precision) {
    return new PayloadTransform(Optional.of(precision), false);
  }

  /** The same, and gzip. */
  public PayloadTransform andGzip() {
    return new PayloadTransform(precision, true);
  }

  public boolean isNone() {
    return precision.isEmpty() && !gzip;
  }

  /**
   * The dtype of what is stored: first what the bytes are, then how they came to be, such as {@code
   * fp16;from=fp32} or {@code gzip;fp16;from=fp32}.
   *
   * @param dtype of the caller's numbers
   * @throws IllegalArgumentException when precision is to be lowered and that is not fp32
   */
  public String storedDtype(String dtype) {
    String numbers = precision.map(lower -> lowered(lower, dtype)).orElse(dtype);
    return gzip ? "gzip" + PARAMETER + numbers : numbers;
  }

  /** The most bytes that a payload of so many is stored in. */
  long maxStoredBytes(long rawBytes) {
    long numbers = numberBytes(rawBytes);
    return gzip ? Gzip.maxCompressedBytes(numbers) : numbers;
  }

  /** Memory that a payload of so many bytes takes on its way, either way. */
  long scratchBytes(long rawBytes) {
    boolean inTwoSteps = gzip && precision.isPresent();
    return maxStoredBytes(rawBytes) + (inTwoSteps ? numberBytes(rawBytes) : 0);
  }

  /** Bytes of a payload of so many after its precision was lowered. */
  long numberBytes(long rawBytes) {
    return precision.map(lower -> lower.storedBytes(rawBytes)).orElse(rawBytes);
  }

  /** Bytes of the caller's that so many became; empty when no payload becomes that. */
  Optional<Long> rawBytes(long numberBytes) {
    if (precision.isEmpty()) {
      return Optional.of(numberBytes);
    }
    Precision lower = precision.get();
    return numberBytes % lower.widthBytes() == 0
        ? Optional.of(lower.rawBytes(numberBytes))
        : Optional.empty();
  }

  private static String lowered(Precision lower, String dtype) {
    if (!NAMES_OF_FP32.contains(dtype)) {
      throw new IllegalArgumentException(
          "dtype: \"%s\", must be fp32 to be lowered to %s".formatted(dtype, lower.dtype()));
    }
    return lower.dtype() + PARAMETER + "from=" + FP32;
  }
}
