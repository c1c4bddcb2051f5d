package io.kveik.server.tier.azure;

import java.io.IOException;

/** An account can't be called as it is configured; the message holds no secret. */
final class UnusableAccountException extends IOException {
  UnusableAccountException(String account, String why) {
    super("account '" + account + "': " + why);
  }
}
