package io.kveik.server.tier.azure;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which local addresses to call from. Discovery takes the first IPv4 address of each interface that
 * is up and is a network device, not a bridge or tunnel of this machine's own: packets from such an
 * address would not come back.
 */
public final class SourceAddresses {
  private static final Path LINUX_INTERFACES = Path.of("/sys/class/net");

  private SourceAddresses() {}

  /** A network interface, as far as it matters here. */
  record Nic(boolean up, boolean loopback, boolean device, List<InetAddress> addresses) {}

  /**
   * The addresses of this machine's interfaces.
   *
   * @return empty when there are fewer than two: nothing to choose from
   */
  public static List<InetAddress> discover() {
    try (Stream<NetworkInterface> interfaces = NetworkInterface.networkInterfaces()) {
      return of(interfaces.map(SourceAddresses::nic));
    } catch (SocketException e) {
      return List.of();
    }
  }

  static List<InetAddress> of(Stream<Nic> nics) {
    List<InetAddress> addresses = new ArrayList<>();
    nics.filter(nic -> nic.up() && !nic.loopback() && nic.device())
        .forEach(nic ->
            nic.addresses().stream()
                .filter(SourceAddresses::notOnlyLocal)
                .findFirst()
                .ifPresent(addresses::add));
    return addresses.size() < 2 ? List.of() : List.copyOf(addresses);
  }

  private static boolean notOnlyLocal(InetAddress address) {
    return address instanceof Inet4Address
        && !address.isLoopbackAddress()
        && !address.isLinkLocalAddress()
        && !address.isAnyLocalAddress();
  }

  private static Nic nic(NetworkInterface system) {
    try {
      return new Nic(
          system.isUp(),
          system.isLoopback() || system.isPointToPoint() || system.isVirtual(),
          isDevice(system.getName()),
          system.inetAddresses().toList());
    } catch (SocketException e) {
      return new Nic(false, false, false, List.of());
    }
  }

  /** Linux links an interface to its device; where nothing tells, it counts as one. */
  private static boolean isDevice(String name) {
    return !Files.isDirectory(LINUX_INTERFACES)
        || Files.exists(LINUX_INTERFACES.resolve(name).resolve("device"));
  }
}
