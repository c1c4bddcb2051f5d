package io.kveik.server.tenant;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Where a storage endpoint may be. An endpoint that leads to a cloud's metadata service would have
 * this server fetch its own credentials for a stranger, so addresses of such services are refused,
 * as numbers when an account is registered and as what a name resolves to when it is called.
 */
public final class EndpointRules {
  private static final int MAX_LENGTH = 512;
  private static final Set<String> METADATA_NAMES =
      Set.of("metadata.google.internal", "metadata.goog", "instance-data");

  /** Metadata and platform services that are not link-local: Azure, Alibaba, AWS over IPv6. */
  private static final List<InetAddress> METADATA_ADDRESSES =
      List.of(
          InetAddress.ofLiteral("168.63.129.16"),
          InetAddress.ofLiteral("100.100.100.200"),
          InetAddress.ofLiteral("fd00:ec2::254"));

  private EndpointRules() {}

  /** True for an address that no storage account is at. */
  public static boolean isForbidden(InetAddress address) {
    return address.isLinkLocalAddress()
        || address.isMulticastAddress()
        || address.isAnyLocalAddress()
        || METADATA_ADDRESSES.contains(address);
  }

  /**
   * What is wrong with an endpoint; empty when nothing is. Resolves no name.
   *
   * @param insecure allow plain HTTP beyond loopback
   */
  static Optional<String> refusal(URI endpoint, boolean insecure) {
    if (endpoint.toString().length() > MAX_LENGTH) {
      return Optional.of("longer than " + MAX_LENGTH + " characters");
    }
    String scheme = String.valueOf(endpoint.getScheme()).toLowerCase(Locale.ROOT);
    String host = endpoint.getHost();
    if (host == null || !(scheme.equals("http") || scheme.equals("https"))) {
      return Optional.of("must be https://HOST or http://HOST");
    }
    if (endpoint.getUserInfo() != null
        || endpoint.getQuery() != null
        || endpoint.getFragment() != null) {
      return Optional.of("must have no user, query or fragment: secrets belong in credential");
    }
    Optional<InetAddress> literal = literal(host);
    if (METADATA_NAMES.contains(host.toLowerCase(Locale.ROOT))
        || literal.filter(EndpointRules::isForbidden).isPresent()) {
      return Optional.of("is a link-local or metadata address");
    }
    boolean loopback =
        host.equalsIgnoreCase("localhost")
            || literal.filter(InetAddress::isLoopbackAddress).isPresent();
    return scheme.equals("http") && !loopback && !insecure
        ? Optional.of("is plain http beyond loopback; use https, or add 'insecure: true'")
        : Optional.empty();
  }

  private static Optional<InetAddress> literal(String host) {
    try {
      return Optional.of(InetAddress.ofLiteral(host));
    } catch (IllegalArgumentException notDotted) {
      try {
        // What C libraries read as an address too: one number, octal or hexadecimal parts.
        return Optional.of(Inet4Address.ofPosixLiteral(host));
      } catch (IllegalArgumentException name) {
        return Optional.empty();
      }
    }
  }
}
