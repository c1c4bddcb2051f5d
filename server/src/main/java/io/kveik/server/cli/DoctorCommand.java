package io.kveik.server.cli;

import io.kveik.server.config.Configuration;
import io.kveik.server.telemetry.Logging;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ./kveik doctor}: whether a server with these flags would start and work here. */
@Command(
    name = "doctor",
    description = {
      "Checks whether a server with these flags would start and work on this machine.",
      "Takes the same flags as 'server'. Exit code 1 when anything fails."
    },
    sortOptions = false,
    footer = {"", "Example: ./kveik doctor --dram-bytes 8GiB --data-dir /var/lib/kveik"})
public final class DoctorCommand implements Callable<Integer> {
  private final StorageProbe storage;

  @Spec private CommandSpec spec;

  @Option(names = "--json", description = "Print one JSON document.")
  private boolean json;

  @SuppressWarnings("NullAway.Init") // picocli sets spec before it calls
  DoctorCommand(StorageProbe storage) {
    this.storage = storage;
  }

  @Override
  public Integer call() {
    Configuration config = ConfigOptions.read(spec.commandLine().getParseResult());
    Logging.configure("error", false);
    List<Finding> findings = new ArrayList<>(MachineChecks.all(config));
    findings.addAll(new StorageChecks(config, storage).all());
    boolean healthy =
        findings.stream().noneMatch(finding -> finding.verdict() == Finding.Verdict.FAIL);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(Json.text(document(findings, healthy)));
    } else {
      findings.forEach(finding -> print(out, finding));
    }
    out.flush();
    return healthy ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
  }

  private static void print(PrintWriter out, Finding finding) {
    String colour =
        switch (finding.verdict()) {
          case OK -> "green";
          case WARN -> "yellow";
          case FAIL -> "red";
        };
    String verdict = Ansi.AUTO.string("@|bold," + colour + " " + finding.verdict() + "|@");
    String padding = " ".repeat(5 - finding.verdict().name().length());
    out.printf(
        "%s%s %-12s %s%n", verdict, padding, finding.subject(), Terminal.safe(finding.text()));
    if (!finding.mend().isEmpty()) {
      out.printf("%18s mend: %s%n", "", Terminal.safe(finding.mend()));
    }
  }

  private static Map<String, Object> document(List<Finding> findings, boolean healthy) {
    List<Object> rows = new ArrayList<>();
    for (Finding finding : findings) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("subject", finding.subject());
      row.put("verdict", finding.verdict().name());
      row.put("text", finding.text());
      row.put("mend", finding.mend());
      rows.add(row);
    }
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("healthy", healthy);
    document.put("findings", rows);
    return document;
  }
}
