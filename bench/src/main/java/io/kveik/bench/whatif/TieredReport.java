package io.kveik.bench.whatif;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.kveik.bench.report.ReportText;
import io.kveik.bench.report.Style;
import io.kveik.bench.report.Table;
import java.util.List;
import java.util.Locale;

/** The figures of a {@link TieredSimulation}, for people and for programs. Stateless. */
public final class TieredReport {
  private static final int LABEL_CHARS = 16;

  private TieredReport() {}

  /** As a table. */
  public static String text(String title, TieredSimulation figures, Style style) {
    ReportText out = new ReportText(style, LABEL_CHARS);
    WhatIfReport.head(out, title, figures.trace());
    Table table =
        new Table(List.of("movement", "NVMe", "hits", "in DRAM", "NVMe writes per 100 ids"));
    for (TieredSimulation.Row row : figures.rows()) {
      table.row(
          row.movement().key(),
          key(row),
          WhatIfReport.percent(row.hits().blockHitRatio()),
          WhatIfReport.percent((double) row.dramHits() / row.hits().accesses()),
          "%.1f".formatted(row.writesPer100Accesses()));
    }
    table.row("one tier", "lru", WhatIfReport.percent(figures.reference().blockHitRatio()), "", "");
    out.table(table);
    return out.toString();
  }

  /** As JSON. */
  public static JsonObject json(String traceName, TieredSimulation figures) {
    JsonObject json = WhatIfReport.trace(traceName, figures.trace());
    JsonArray rows = new JsonArray();
    for (TieredSimulation.Row row : figures.rows()) {
      JsonObject cells = new JsonObject();
      cells.addProperty("movement", row.movement().key());
      cells.addProperty("nvme", key(row));
      WhatIfReport.addHits(cells, row.hits());
      cells.addProperty("dramBlockHitRatio", (double) row.dramHits() / row.hits().accesses());
      cells.addProperty("nvmeWritesPer100Accesses", row.writesPer100Accesses());
      rows.add(cells);
    }
    json.add("tieredRows", rows);
    json.addProperty("oneTierLruBlockHitRatio", figures.reference().blockHitRatio());
    return json;
  }

  private static String key(TieredSimulation.Row row) {
    return row.form().name().toLowerCase(Locale.ROOT);
  }
}
