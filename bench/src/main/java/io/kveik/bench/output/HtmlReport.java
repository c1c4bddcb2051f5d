package io.kveik.bench.output;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * The result as one HTML file that needs nothing else: template, style, script and data, each from
 * where it belongs. Stateless.
 */
public final class HtmlReport {
  /** Escapes {@code <}, {@code >} and {@code &}, so that no text of a run ends the script. */
  private static final Gson GSON = new GsonBuilder().create();

  private HtmlReport() {}

  /**
   * The file of a benchmark.
   *
   * @param result see {@link ResultJson}
   */
  public static String of(JsonObject result) {
    return page("report", result);
  }

  /**
   * The file of {@code ./kveik what-if}.
   *
   * @param result see {@link io.kveik.bench.whatif.WhatIfReport}
   */
  public static String ofWhatIf(JsonObject result) {
    return page("what-if", result);
  }

  private static String page(String name, JsonObject result) {
    return resource(name + ".html")
        .replace("/*STYLE*/", resource("report.css"))
        .replace("/*SCRIPT*/", resource("charts.js") + resource(name + ".js"))
        .replace("/*DATA*/", GSON.toJson(result));
  }

  private static String resource(String name) {
    try (InputStream in = HtmlReport.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(name + " is part of the program", e);
    }
  }
}
