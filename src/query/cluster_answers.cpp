#include "query/cluster_answers.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "query/walk.h"

namespace iot::query {
namespace {

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

constexpr std::array<std::string_view, 11> columns{
    "health",     "status",       "index",      "uuid",           "pri",         "rep",
    "docs.count", "docs.deleted", "store.size", "pri.store.size", "dataset.size"};

using Row = std::vector<std::string>;

std::string column_text(std::string_view column, const Series& series, const store::SeriesInfo& info) {
  if (column == "health") return "green";
  if (column == "status") return "open";
  if (column == "index") return series.name;
  if (column == "uuid") return index_uuid(series.name);
  if (column == "pri") return "1";
  if (column == "docs.count") return std::to_string(info.count_max);
  if (column == "rep" || column == "docs.deleted") return "0";
  return size_text(info.disk_bytes);
}

std::string as_json(const std::vector<std::string>& names, const std::vector<Row>& rows) {
  std::string body;
  JsonWriter json(body);
  json.begin_array();
  for (const Row& row : rows) {
    json.begin_object();
    for (std::size_t i = 0; i < names.size(); ++i) json.key(names[i]).string(row[i]);
    json.end_object();
  }
  json.end_array();
  return body;
}

bool is_number_column(std::string_view name) {
  return name == "pri" || name == "rep" || name.starts_with("docs.") || name.ends_with("size");
}

std::string as_text(const std::vector<std::string>& names, std::vector<Row> rows, bool heading) {
  if (heading) rows.insert(rows.begin(), Row(names.begin(), names.end()));
  std::vector<std::size_t> widths(names.size());
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string blanks(widths[i] - row[i].size(), ' ');
      if (i > 0) text += ' ';
      text += is_number_column(names[i]) ? blanks + row[i] : row[i] + blanks;
    }
    text += '\n';
  }
  return text;
}

}  // namespace

EsAnswer root_answer() {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.key("name").string(node_id);
  json.key("cluster_name").string(cluster_name);
  json.key("cluster_uuid").string(index_uuid(cluster_name));
  json.key("version").begin_object();
  json.key("number").string(compatible_version);
  json.key("build_flavor").string("default");
  json.key("build_type").string("tar");
  json.key("build_hash").string("0000000000000000000000000000000000000000");
  json.key("build_date").string("1970-01-01T00:00:00.000Z");
  json.key("build_snapshot").boolean(false);
  json.key("lucene_version").string("9.12.2");
  json.key("minimum_wire_compatibility_version").string("7.17.0");
  json.key("minimum_index_compatibility_version").string("7.0.0");
  json.end_object();
  json.key("tagline").string("You Know, for Search");
  json.end_object();
  return {200, std::move(body), "application/json"};
}

EsAnswer mapping_answer(const std::vector<Series>& series) {
  std::string body;
  JsonWriter json(body);
  const auto type = [&](std::string_view field, std::string_view name) {
    json.key(field).begin_object();
    json.key("type").string(name);
    json.end_object();
  };
  json.begin_object();
  for (const Series& one : series) {
    json.key(one.name).begin_object();
    json.key("mappings").begin_object();
    json.key("properties").begin_object();
    type("device_id", "keyword");
    type("sensor_id", "keyword");
    type("timestamp", "date_nanos");
    type("value", model::to_string(one.mapping()));
    json.end_object().end_object().end_object();
  }
  json.end_object();
  return {200, std::move(body), "application/json"};
}

EsAnswer cluster_health_answer(const std::vector<Series>& series) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.key("cluster_name").string(cluster_name);
  json.key("status").string("green");
  json.key("timed_out").boolean(false);
  json.key("number_of_nodes").integer(1);
  json.key("number_of_data_nodes").integer(1);
  json.key("active_primary_shards").unsigned_integer(series.size());
  json.key("active_shards").unsigned_integer(series.size());
  for (const std::string_view name :
       {"relocating_shards", "initializing_shards", "unassigned_shards", "unassigned_primary_shards",
        "delayed_unassigned_shards", "number_of_pending_tasks", "number_of_in_flight_fetch",
        "task_max_waiting_in_queue_millis"}) {
    json.key(name).integer(0);
  }
  json.key("active_shards_percent_as_number").real(100.0);
  json.end_object();
  return {200, std::move(body), "application/json"};
}

EsAnswer cat_indices_answer(store::ReadingStore& store, const std::vector<Series>& series,
                            const Parameters& parameters) {
  std::vector<std::string> names(columns.begin(), columns.end());
  bool heading = false;
  bool json = false;
  for (const auto& [name, text] : parameters) {
    if (name == "h") {
      names = split_list(text);
      for (const std::string& column : names) {
        if (std::find(columns.begin(), columns.end(), column) == columns.end()) {
          return illegal_argument("[h] of _cat/indices has no column [" + column + "]").answer();
        }
      }
    } else if (name == "v") {
      heading = text.empty() || text == "true";
    } else if (name == "format") {
      if (text != "json" && text != "text" && text != "txt") {
        return illegal_argument("[format] of _cat/indices is json or text, not [" + text + "]").answer();
      }
      json = text == "json";
    } else if (!is_common_parameter(name)) {
      return unknown_parameter("/_cat/indices", name).answer();
    }
  }
  std::vector<Row> rows;
  for (const Series& one : series) {
    const auto info = store.info(one.index.sensor);
    if (!info) return store_failed(info.error()).answer(one.name);
    Row row;
    for (const std::string& column : names) row.push_back(column_text(column, one, *info));
    rows.push_back(std::move(row));
  }
  if (json) return {200, as_json(names, rows), "application/json"};
  return {200, as_text(names, std::move(rows), heading), "text/plain; charset=UTF-8"};
}

}  // namespace iot::query
