#include "query/cat_answers.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

#include "base/json_writer.h"
#include "base/time_text.h"
#include "query/cluster_answers.h"
#include "query/walk.h"
#include "query/wildcard.h"

namespace iot::query {
namespace {

struct Column {
  std::string_view name;
  std::string_view aliases;  ///< with blanks between them
  std::string_view help;
  bool is_number = false;
  bool is_shown = true;  ///< where no columns are named
};

struct Cell {
  std::string text;
  double number = 0;  ///< what number columns are ordered by
};

using Row = std::vector<Cell>;

struct Table {
  std::span<const Column> columns;
  std::vector<Row> rows;
};

struct Form {
  std::vector<std::string> columns;
  std::vector<std::string> order;
  bool heading = false;
  bool help = false;
  bool json = false;
  std::string unit;  ///< of bytes; empty: the one that fits
};

/// "14.6mb": one decimal, cut off, as Elasticsearch writes sizes.
std::string size_text(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 5> units{"b", "kb", "mb", "gb", "tb"};
  std::size_t unit = 0;
  std::uint64_t scale = 1;
  while (unit + 1 < units.size() && bytes / scale >= 1024) {
    scale *= 1024;
    ++unit;
  }
  const std::uint64_t tenths = bytes / scale * 10 + bytes % scale * 10 / scale;
  std::string text = std::to_string(tenths / 10);
  if (unit > 0 && tenths % 10 != 0) text += "." + std::to_string(tenths % 10);
  return text + std::string(units[unit]);
}

std::optional<std::uint64_t> scale_of(std::string_view unit) {
  constexpr std::array<std::string_view, 6> units{"b", "kb", "mb", "gb", "tb", "pb"};
  const auto found = std::find(units.begin(), units.end(), unit);
  if (found == units.end()) return {};
  return std::uint64_t{1} << (10 * (found - units.begin()));
}

Cell text_cell(std::string text) {
  return {std::move(text), 0};
}
Cell number_cell(std::uint64_t number) {
  return {std::to_string(number), static_cast<double>(number)};
}
Cell size_cell(std::uint64_t bytes, const Form& form) {
  const auto scale = scale_of(form.unit);
  return {scale ? std::to_string(bytes / *scale) : size_text(bytes), static_cast<double>(bytes)};
}

constexpr std::array<Column, 11> index_columns{{
    {"health", "h", "current health status"},
    {"status", "s", "open/close status"},
    {"index", "i idx", "index name"},
    {"uuid", "id", "index uuid"},
    {"pri", "p shards.primary shardsPrimary", "number of primary shards", true},
    {"rep", "r shards.replica shardsReplica", "number of replica shards", true},
    {"docs.count", "dc docsCount", "available docs", true},
    {"docs.deleted", "dd docsDeleted", "deleted docs", true},
    {"store.size", "ss storeSize", "store size of primaries & replicas", true},
    {"pri.store.size", "", "store size of primaries", true},
    {"dataset.size", "", "total size of dataset", true},
}};
constexpr std::array<Column, 8> shard_columns{{
    {"index", "i idx", "index name"},
    {"shard", "s sh", "shard name", true},
    {"prirep", "p pr primaryOrReplica", "primary or replica"},
    {"state", "st", "shard state"},
    {"docs", "d dc", "number of docs in shard", true},
    {"store", "sto", "store size of shard (how much disk it uses)", true},
    {"ip", "", "ip of node where it lives"},
    {"node", "n", "name of node where it lives"},
}};
constexpr std::array<Column, 3> count_columns{{
    {"epoch", "t time", "seconds since 1970-01-01 00:00:00", true},
    {"timestamp", "ts hms hhmmss", "time in HH:MM:SS"},
    {"count", "dc docs.count docsCount", "the document count", true},
}};
constexpr std::array<Column, 15> health_columns{{
    {"epoch", "t time", "seconds since 1970-01-01 00:00:00", true},
    {"timestamp", "ts hms hhmmss", "time in HH:MM:SS"},
    {"cluster", "cl", "cluster name"},
    {"status", "st", "health status"},
    {"node.total", "nt nodeTotal", "total number of nodes", true},
    {"node.data", "nd nodeData", "number of nodes that can store data", true},
    {"shards", "t sh shards.total shardsTotal", "total number of shards", true},
    {"pri", "p shards.primary shardsPrimary", "number of primary shards", true},
    {"relo", "r shards.relocating shardsRelocating", "number of relocating nodes", true},
    {"init", "i shards.initializing shardsInitializing", "number of initializing nodes", true},
    {"unassign", "u shards.unassigned shardsUnassigned", "number of unassigned shards", true},
    {"unassign.pri", "up shards.unassigned.primary", "number of unassigned primary shards", true},
    {"pending_tasks", "pt pendingTasks", "number of pending tasks", true},
    {"max_task_wait_time", "mtwt maxTaskWaitTime", "wait time of longest task pending", true},
    {"active_shards_percent", "asp activeShardsPercent", "active number of shards in percent", true},
}};
constexpr std::array<Column, 4> node_columns{{
    {"version", "v", "es version"},
    {"node.role", "r role nodeRole", "d:data node, i:ingest node, m:master-eligible node"},
    {"master", "m", "*:current master"},
    {"name", "n", "node name"},
}};
constexpr std::array<Column, 6> alias_columns{{
    {"alias", "a", "alias name"},
    {"index", "i idx", "index alias points to"},
    {"filter", "f fi", "filter"},
    {"routing.index", "ri routingIndex", "index routing"},
    {"routing.search", "rs routingSearch", "search routing"},
    {"is_write_index", "w isWriteIndex", "write index"},
}};

constexpr std::array<std::string_view, 6> tables{"aliases", "count", "health", "indices", "nodes", "shards"};

bool has_name(const Column& column, std::string_view name) {
  if (column.name == name) return true;
  std::string_view aliases = column.aliases;
  while (!aliases.empty()) {
    const auto blank = aliases.find(' ');
    if (aliases.substr(0, blank) == name) return true;
    aliases = blank == std::string_view::npos ? std::string_view{} : aliases.substr(blank + 1);
  }
  return false;
}

EsResult<Form> parse_form(std::string_view table, const Parameters& parameters) {
  Form form;
  const std::string path = "/_cat/" + std::string(table);
  for (const auto& [name, text] : parameters) {
    const bool flag = text.empty() || text == "true";
    if (name == "h") {
      form.columns = split_list(text);
    } else if (name == "s") {
      form.order = split_list(text);
    } else if (name == "v") {
      form.heading = flag;
    } else if (name == "help") {
      form.help = flag;
    } else if (name == "bytes") {
      if (!scale_of(text)) return illegal_argument("[bytes] of _cat is b, kb, mb, gb, tb or pb, not [" + text + "]");
      form.unit = text;
    } else if (name == "format") {
      if (text != "json" && text != "text" && text != "txt") {
        return illegal_argument("[format] of _cat is json or text, not [" + text + "]");
      }
      form.json = text == "json";
    } else if (name != "time" && name != "local" && name != "master_timeout" && name != "ts" && name != "pri" &&
               name != "include_unloaded_segments" && !is_common_parameter(name)) {
      return unknown_parameter(path, name);
    }
  }
  return form;
}

/// The columns asked for, by place in the table.
EsResult<std::vector<std::size_t>> chosen_columns(const Table& table, const Form& form, std::string_view name) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; form.columns.empty() && i < table.columns.size(); ++i) {
    if (table.columns[i].is_shown) places.push_back(i);
  }
  for (const std::string& asked : form.columns) {
    const bool is_pattern = asked.find('*') != std::string::npos;
    bool found = is_pattern;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      if (!(is_pattern ? fits_wildcard(asked, table.columns[i].name) : has_name(table.columns[i], asked))) continue;
      found = true;
      places.push_back(i);
    }
    if (!found) {
      return illegal_argument("[h] of _cat/" + std::string(name) + " has no column [" + asked + "]");
    }
  }
  return places;
}

EsResult<void> sort_rows(Table& table, const Form& form) {
  for (auto key = form.order.rbegin(); key != form.order.rend(); ++key) {
    const auto colon = key->rfind(':');
    const std::string name = key->substr(0, colon);
    const std::string direction = colon == std::string::npos ? "asc" : key->substr(colon + 1);
    const auto column = std::find_if(table.columns.begin(), table.columns.end(),
                                     [&](const Column& each) { return has_name(each, name); });
    if (column == table.columns.end() || (direction != "asc" && direction != "desc")) {
      return EsError(400, "unsupported_operation_exception", "Unable to sort by unknown sort key `" + *key + "`");
    }
    const auto place = static_cast<std::size_t>(column - table.columns.begin());
    std::stable_sort(table.rows.begin(), table.rows.end(), [&](const Row& a, const Row& b) {
      const Cell& left = direction == "asc" ? a[place] : b[place];
      const Cell& right = direction == "asc" ? b[place] : a[place];
      return column->is_number ? left.number < right.number : left.text < right.text;
    });
  }
  return {};
}

std::string as_json(const Table& table, const std::vector<std::size_t>& places) {
  std::string body;
  JsonWriter json(body);
  json.begin_array();
  for (const Row& row : table.rows) {
    json.begin_object();
    for (const std::size_t place : places) json.key(table.columns[place].name).string(row[place].text);
    json.end_object();
  }
  json.end_array();
  return body;
}

std::string as_text(const Table& table, const std::vector<std::size_t>& places, bool heading) {
  std::vector<std::vector<std::string_view>> lines;
  if (heading) {
    auto& line = lines.emplace_back();
    for (const std::size_t place : places) line.push_back(table.columns[place].name);
  }
  for (const Row& row : table.rows) {
    auto& line = lines.emplace_back();
    for (const std::size_t place : places) line.push_back(row[place].text);
  }
  std::vector<std::size_t> widths(places.size());
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  std::string text;
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      const std::string blanks(widths[i] - line[i].size(), ' ');
      if (i > 0) text += ' ';
      const bool is_number = table.columns[places[i]].is_number;
      if (is_number) text += blanks;
      text += line[i];
      if (!is_number) text += blanks;
    }
    text += '\n';
  }
  return text;
}

std::string help_text(const Table& table) {
  std::string text;
  for (const Column& column : table.columns) {
    std::string aliases(column.aliases);
    std::replace(aliases.begin(), aliases.end(), ' ', ',');
    text += std::string(column.name) + " | " + aliases + " | " + std::string(column.help) + "\n";
  }
  return text;
}

EsResult<Table> indices_table(store::ReadingStore& store, const std::vector<Series>& series, const Form& form) {
  Table table{index_columns, {}};
  for (const Series& one : series) {
    const auto info = store.info(one.index.sensor);
    if (!info) return store_failed(info.error());
    const Cell size = size_cell(info->disk_bytes, form);
    table.rows.push_back({text_cell("green"), text_cell("open"), text_cell(one.name), text_cell(index_uuid(one.name)),
                          number_cell(1), number_cell(0), number_cell(info->count_max), number_cell(0), size, size,
                          size});
  }
  return table;
}

EsResult<Table> shards_table(store::ReadingStore& store, const std::vector<Series>& series, const Form& form) {
  Table table{shard_columns, {}};
  for (const Series& one : series) {
    const auto info = store.info(one.index.sensor);
    if (!info) return store_failed(info.error());
    table.rows.push_back({text_cell(one.name), number_cell(0), text_cell("p"), text_cell("STARTED"),
                          number_cell(info->count_max), size_cell(info->disk_bytes, form), text_cell("127.0.0.1"),
                          text_cell(std::string(node_id))});
  }
  return table;
}

/// Seconds since 1970, and the time of day.
std::pair<Cell, Cell> now_cells(const Clock& clock) {
  const Timestamp now = clock.now();
  const std::string text = format_timestamp(now);
  return {number_cell(static_cast<std::uint64_t>(now.ns / 1'000'000'000)), text_cell(text.substr(11, 8))};
}

EsResult<Table> count_table(store::ReadingStore& store, const Clock& clock, const std::vector<Series>& series) {
  std::uint64_t count = 0;
  for (const Series& one : series) {
    const auto info = store.info(one.index.sensor);
    if (!info) return store_failed(info.error());
    count += info->count_max;
  }
  auto [epoch, time] = now_cells(clock);
  return Table{count_columns, {{std::move(epoch), std::move(time), number_cell(count)}}};
}

Table health_table(const Clock& clock, const std::vector<Series>& series) {
  auto [epoch, time] = now_cells(clock);
  Row row{std::move(epoch),   std::move(time), text_cell(std::string(cluster_name)),
          text_cell("green"), number_cell(1),  number_cell(1)};
  for (int i = 0; i < 2; ++i) row.push_back(number_cell(series.size()));
  for (int i = 0; i < 5; ++i) row.push_back(number_cell(0));
  row.push_back(text_cell("-"));
  row.push_back(text_cell("100.0%"));
  return {health_columns, {std::move(row)}};
}

Table nodes_table() {
  return {node_columns,
          {{text_cell(std::string(compatible_version)), text_cell("dim"), text_cell("*"),
            text_cell(std::string(node_id))}}};
}

EsResult<Table> make_table(std::string_view name, store::ReadingStore& store, const Clock& clock,
                           const std::vector<Series>& series, const Form& form) {
  if (name == "indices") return indices_table(store, series, form);
  if (name == "shards") return shards_table(store, series, form);
  if (name == "count") return count_table(store, clock, series);
  if (name == "health") return health_table(clock, series);
  if (name == "nodes") return nodes_table();
  if (name == "aliases") return Table{alias_columns, {}};
  return illegal_argument("[_cat/" + std::string(name) + "] is not supported");
}

}  // namespace

EsAnswer cat_answer(std::string_view name, store::ReadingStore& store, const Clock& clock,
                    const std::vector<Series>& series, const Parameters& parameters) {
  constexpr std::string_view text_type = "text/plain; charset=UTF-8";
  const auto form = parse_form(name, parameters);
  if (!form) return form.error().answer();
  if (name.empty()) {
    std::string text = "=^.^=\n";
    for (const std::string_view table : tables) text += "/_cat/" + std::string(table) + "\n";
    return {200, std::move(text), std::string(text_type)};
  }
  auto table = make_table(name, store, clock, series, *form);
  if (!table) return table.error().answer();
  if (form->help) return {200, help_text(*table), std::string(text_type)};
  const auto places = chosen_columns(*table, *form, name);
  if (!places) return places.error().answer();
  if (const auto sorted = sort_rows(*table, *form); !sorted) return sorted.error().answer();
  if (form->json) return {200, as_json(*table, *places), "application/json"};
  return {200, as_text(*table, *places, form->heading), std::string(text_type)};
}

}  // namespace iot::query
