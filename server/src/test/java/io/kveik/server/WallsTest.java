package io.kveik.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The walls inside server: what each package may know, and where each vendor's types may be. */
class WallsTest {
  private static final String ROOT = "io.kveik.server";
  private static final JavaClasses SERVER =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(ROOT);

  @ParameterizedTest(name = "{0} knows only {1}")
  @CsvSource({
    "block, ''",
    "runtime, ''",
    "memory, ''",
    "config, ''",
    "codec, 'block memory'",
    "tier, 'block memory'",
    "tier.dram, 'tier memory block'",
    "tier.local, ''",
    "tier.fs, 'tier tier.encoded tier.local codec memory block runtime'",
    "tier.encoded, 'tier codec memory block'",
    "tier.nvme, 'tier tier.encoded tier.local codec memory block runtime'",
    "tier.object, 'tier tier.encoded codec memory block runtime'",
    "tier.object.resilient, 'tier.object memory runtime'",
    "tier.s3, 'tier.object memory'",
    "tier.object.presence, 'tier.object tier memory block runtime'",
    "tier.object.extent, 'tier.object tier.encoded tier memory block runtime'",
    "tier.azure, 'tier.object memory runtime'",
    "tenant, 'block runtime'",
    "cache, 'cache.eviction tier memory runtime block'",
    "cache.eviction, 'memory block'",
    "journal, 'cache cache.eviction block'",
    "samehost, 'telemetry tier memory runtime block'",
    "session, 'cache tenant runtime block'",
    "telemetry, 'cache tier tier.object tier.object.resilient runtime'",
    "prefetch, 'cache telemetry runtime block'",
    "recording, 'cache telemetry runtime block'",
    "rpc, 'rpc.call rpc.payload rpc.v1 rpc.blockstore rpc.control prefetch session cache tenant telemetry tier memory runtime block'",
    "rpc.call, 'telemetry runtime block'",
    "rpc.payload, 'cache tier memory'",
    "rpc.blockstore, 'rpc.call rpc.payload prefetch session cache tenant telemetry tier memory runtime block'",
    "rpc.control, 'rpc.call session cache cache.eviction tenant telemetry runtime block'",
    "rpc.v1, 'rpc.call rpc.payload cache tenant telemetry tier memory runtime block'",
    "data, 'samehost session cache telemetry tier memory runtime block'",
    "admin, 'runtime'",
    "process, ''",
    "cli, 'config telemetry runtime'",
    "demo, 'cli process runtime telemetry'",
  })
  void packageKnowsOnly(String from, String allowed) {
    List<String> known = new ArrayList<>();
    known.add(ROOT + "." + from);
    for (String name : allowed.isEmpty() ? new String[0] : allowed.split(" ")) {
      known.add(ROOT + "." + name);
    }
    ArchRule rule =
        noClasses()
            .that()
            .resideInAPackage(ROOT + "." + from)
            .should()
            .dependOnClassesThat(
                new DescribedPredicate<JavaClass>("are elsewhere in the server") {
                  @Override
                  public boolean test(JavaClass other) {
                    return other.getPackageName().startsWith(ROOT)
                        && !known.contains(other.getPackageName());
                  }
                });
    rule.check(SERVER);
  }

  @Test
  void noCycles() {
    slices().matching(ROOT + ".(**)").should().beFreeOfCycles().check(SERVER);
  }

  @ParameterizedTest(name = "{0} only in {1}")
  @CsvSource({
    "io.grpc.., rpc",
    "io.netty.., 'rpc tier.azure'",
    "io.micrometer.., telemetry",
    "ch.qos.logback.., telemetry",
    "com.github.benmanes.caffeine.., tenant",
    "com.github.luben.zstd.., codec",
    "net.jpountz.., codec",
    "com.sun.net.httpserver.., admin",
    "com.google.protobuf.util.., rpc.control",
    "javax.crypto.., 'tenant cache'",
    "software.amazon.., tier.s3",
    "com.azure.., tier.azure",
    "reactor.., tier.azure",
  })
  void vendorStaysIn(String vendor, String homes) {
    String[] packages = homes.split(" ");
    for (int i = 0; i < packages.length; i++) {
      packages[i] = ROOT + "." + packages[i] + "..";
    }
    noClasses()
        .that()
        .resideOutsideOfPackages(packages)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(vendor)
        .check(SERVER);
  }

  @Test
  void adaptersAreNamedOnlyByTheCompositionRoot() {
    noClasses()
        .that()
        .resideOutsideOfPackages(ROOT, ROOT + ".tier..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            ROOT + ".tier.dram..",
            ROOT + ".tier.fs..",
            ROOT + ".tier.nvme..",
            ROOT + ".tier.s3..",
            ROOT + ".tier.azure..")
        .check(SERVER);
  }

  @Test
  void timeRandomnessAndThreadsEnterOnlyThroughRuntime() {
    String[] engine = {
      ROOT + ".block..",
      ROOT + ".memory..",
      ROOT + ".codec..",
      ROOT + ".cache..",
      ROOT + ".tier..",
      ROOT + ".journal..",
      ROOT + ".tenant..",
      ROOT + ".samehost..",
      ROOT + ".session..",
      ROOT + ".prefetch..",
      ROOT + ".recording..",
      ROOT + ".rpc..",
      ROOT + ".data..",
      ROOT + ".telemetry.."
    };
    noClasses()
        .that()
        .resideInAnyPackage(engine)
        .should()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .dependOnClassesThat()
        .haveNameMatching("java\\.util\\.Random|java\\.security\\.SecureRandom")
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.util.concurrent.Executors")
        .orShould()
        .callConstructor(Thread.class, Runnable.class)
        .check(SERVER);
  }

  @Test
  void nobodyReadsSerialisedJava() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.io.ObjectInputStream")
        .check(SERVER);
  }

  @Test
  void everyPackageIsNullMarked() {
    classes()
        .that()
        .haveSimpleName("package-info")
        .should()
        .beAnnotatedWith("org.jspecify.annotations.NullMarked")
        .check(SERVER);
  }
}
