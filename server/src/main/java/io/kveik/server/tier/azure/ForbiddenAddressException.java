package io.kveik.server.tier.azure;

import java.net.UnknownHostException;

/**
 * A storage endpoint's name leads to an address that no storage has, such as a metadata service.
 */
final class ForbiddenAddressException extends UnknownHostException {
  ForbiddenAddressException(String host) {
    super(host + " resolves to a link-local or metadata address only");
  }
}
