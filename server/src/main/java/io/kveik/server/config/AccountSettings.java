package io.kveik.server.config;

import static io.kveik.server.config.Setting.Kind.COUNT;
import static io.kveik.server.config.Setting.number;
import static io.kveik.server.config.Setting.text;

import java.util.List;

/** The settings of the account registry. */
public final class AccountSettings {
  public static final Setting FILE =
      text("accounts.file", "", "YAML file of storage accounts; empty: any name is one.")
          .mapping("empty: a resource name's account is at the name plus blob-dns-suffix");
  public static final Setting LIMIT =
      number("limits.accounts", COUNT, "65536", 1, 250_000, "Most accounts in accounts.file.");

  static final List<Setting> ALL = List.of(FILE, LIMIT);

  private AccountSettings() {}
}
