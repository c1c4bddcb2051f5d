package io.kveik.server.tier.azure;

import com.azure.core.util.Context;
import org.jspecify.annotations.Nullable;

/** What a call tells its transport through the SDK, by way of Reactor's context. Stateless. */
final class CallContext {
  /** True: the answer's body, if the call succeeded, is handed on as it arrives. */
  private static final String STREAM = "kveik-stream";

  /** The {@link CallMemory} to send as the body. */
  private static final String UPLOAD = "kveik-upload";

  private CallContext() {}

  static reactor.util.context.Context streaming() {
    return reactor.util.context.Context.of(STREAM, true);
  }

  static reactor.util.context.Context uploading(CallMemory memory) {
    return reactor.util.context.Context.of(UPLOAD, memory);
  }

  static boolean streams(Context context) {
    return context.getData(STREAM).isPresent();
  }

  static @Nullable CallMemory upload(Context context) {
    return (CallMemory) context.getData(UPLOAD).orElse(null);
  }
}
