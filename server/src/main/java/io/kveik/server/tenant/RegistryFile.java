package io.kveik.server.tenant;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * A YAML file of an operator's that has one list of maps. What it does not know it refuses, so that
 * a misspelt field is no silent default.
 *
 * @param setting that names the file
 * @param list the list's name, and with an s less that of an entry
 */
record RegistryFile(Path file, String setting, String list) {
  private static final int BYTES_PER_ENTRY = 4_096;

  /**
   * All entries.
   *
   * @param fields that an entry may have
   * @param limit most entries
   * @throws RegistryFileException when it is too long or says something it must not
   * @throws IOException when it can't be read
   */
  List<RegistryFields> entries(Set<String> fields, int limit) throws IOException {
    long most = (long) limit * BYTES_PER_ENTRY;
    long size = Files.size(file);
    if (size > most) {
      throw refused("is %d bytes, at most %d for %d %s".formatted(size, most, limit, list));
    }
    if (!(parsed(most) instanceof Map<?, ?> map)
        || !map.keySet().equals(Set.of(list))
        || !(map.get(list) instanceof List<?> nodes)) {
      throw refused("must be a map with one list, '" + list + "'");
    }
    if (nodes.size() > limit) {
      throw refused("%d %s, at most %d".formatted(nodes.size(), list, limit));
    }
    String kind = list.substring(0, list.length() - 1);
    List<RegistryFields> entries = new ArrayList<>(nodes.size());
    for (Object node : nodes) {
      String where = "%s: %s %d".formatted(file, kind, entries.size() + 1);
      entries.add(RegistryFields.of(where, node, fields));
    }
    return entries;
  }

  private @Nullable Object parsed(long mostBytes) throws IOException {
    LoadSettings settings =
        LoadSettings.builder()
            .setLabel(file.toString())
            .setMaxAliasesForCollections(0)
            .setCodePointLimit(Math.toIntExact(Math.min(mostBytes, Integer.MAX_VALUE)))
            .build();
    try {
      return new Load(settings).loadFromString(Files.readString(file));
    } catch (YamlEngineException e) {
      throw refused("is no YAML: " + problem(e));
    }
  }

  RegistryFileException refused(String why) {
    return new RegistryFileException("%s: '%s' %s".formatted(setting, file, why));
  }

  /** The problem and its line: the rest of what the parser says quotes the file. */
  private static String problem(YamlEngineException e) {
    return e instanceof MarkedYamlEngineException marked
        ? marked.getProblem()
            + marked.getProblemMark().map(mark -> " in line " + (mark.getLine() + 1)).orElse("")
        : e.getClass().getSimpleName();
  }
}
