package io.kveik.server.tier.azure;

import java.io.IOException;

/** No connection could be made: nothing has been sent, another source address may be tried. */
final class NotConnectedException extends IOException {
  NotConnectedException(Throwable cause) {
    super("not connected", cause);
  }
}
