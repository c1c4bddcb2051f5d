package io.kveik.bench.whatif;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.kveik.bench.report.ReportText;
import io.kveik.bench.report.Style;
import io.kveik.bench.report.Table;
import java.util.List;
import java.util.Optional;

/** The figures of a {@link WhatIf}, for people and for programs. Stateless. */
public final class WhatIfReport {
  /** Names the JSON's form. Fields are added to it, never changed or removed. */
  public static final String SCHEMA = "kveik.what-if/1";

  private static final int LABEL_CHARS = 16;

  private WhatIfReport() {}

  /** As a table. */
  public static String text(String title, WhatIf figures, Style style) {
    ReportText out = new ReportText(style, LABEL_CHARS);
    head(out, title, figures.trace());
    Table table =
        new Table(
            List.of(
                "policy",
                "capacity",
                "ids",
                "blocks",
                "of MIN",
                "requests",
                "fully",
                "tokens saved",
                "of MIN",
                "GPU hours"));
    for (WhatIf.Row row : figures.rows()) {
      Hits hits = row.hits();
      Hits min = figures.minOf(row).hits();
      table.row(
          row.policy(),
          row.capacity().text(),
          "%,d".formatted(row.capacityIds()),
          percent(hits.blockHitRatio()),
          ofMin(hits.blockHits(), min.blockHits()),
          percent(hits.requestHitRatio()),
          percent(hits.fullHitRatio()),
          "%,d".formatted(hits.tokensSaved()),
          ofMin(hits.tokensSaved(), min.tokensSaved()),
          "%.1f".formatted(hits.gpuSecondsSaved() / 3600));
    }
    out.table(table);
    return out.toString();
  }

  /** As JSON. */
  public static JsonObject json(String traceName, WhatIf figures) {
    JsonObject json = trace(traceName, figures.trace());
    JsonArray rows = new JsonArray();
    for (WhatIf.Row row : figures.rows()) {
      Hits min = figures.minOf(row).hits();
      JsonObject cells = new JsonObject();
      cells.addProperty("policy", row.policy());
      cells.addProperty("capacity", row.capacity().text());
      cells.addProperty("capacityIds", row.capacityIds());
      addHits(cells, row.hits());
      cells.addProperty("minBlockHitRatio", min.blockHitRatio());
      cells.addProperty("minTokensSaved", min.tokensSaved());
      rows.add(cells);
    }
    json.add("rows", rows);
    return json;
  }

  static void head(ReportText out, String title, BlockTrace trace) {
    out.head(title, true, Optional.empty());
    out.line("requests", "%,d".formatted(trace.requests()));
    out.line("ids", "%,d, %,d different".formatted(trace.accesses(), trace.blocks()));
    out.line("forgets nothing", percent((double) trace.unboundedHits() / trace.accesses()) + " %");
    out.line("prompt tokens", "%,d".formatted(trace.promptTokens()));
    out.section("Hit ratios in %: blocks; requests that hit anything; and all they could");
  }

  static JsonObject trace(String name, BlockTrace trace) {
    JsonObject json = new JsonObject();
    json.addProperty("schema", SCHEMA);
    json.addProperty("trace", name);
    json.addProperty("requests", trace.requests());
    json.addProperty("accesses", trace.accesses());
    json.addProperty("uniqueIds", trace.blocks());
    json.addProperty("promptTokens", trace.promptTokens());
    json.addProperty("unboundedBlockHitRatio", (double) trace.unboundedHits() / trace.accesses());
    return json;
  }

  static void addHits(JsonObject json, Hits hits) {
    json.addProperty("blockHitRatio", hits.blockHitRatio());
    json.addProperty("requestHitRatio", hits.requestHitRatio());
    json.addProperty("requestFullHitRatio", hits.fullHitRatio());
    json.addProperty("tokensSaved", hits.tokensSaved());
    json.addProperty("gpuSecondsSaved", hits.gpuSecondsSaved());
  }

  static String percent(double share) {
    return "%.2f".formatted(100 * share);
  }

  private static String ofMin(long figure, long min) {
    return min == 0 ? "-" : "%.0f %%".formatted(100.0 * figure / min);
  }
}
