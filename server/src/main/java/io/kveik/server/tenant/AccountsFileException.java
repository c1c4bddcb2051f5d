package io.kveik.server.tenant;

import java.io.IOException;

/** An accounts file can't be used; the message names account, field, value and what is legal. */
public final class AccountsFileException extends IOException {
  AccountsFileException(String message) {
    super(message);
  }
}
