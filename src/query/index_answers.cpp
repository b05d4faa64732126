#include "query/index_answers.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/json_writer.h"
#include "query/objects/mapping_inside.h"
#include "query/walk.h"
#include "query/wildcard.h"

namespace iot::query {
namespace {

/// Elasticsearch's number of 8.19's index format.
constexpr std::string_view created_version = "8537000";

bool fits_any(const std::vector<std::string>& patterns, std::string_view name) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return pattern == "_all" || fits_wildcard(pattern, name); });
}

std::string_view type_of(const Series& series, std::string_view field) {
  if (field == "timestamp") return "date_nanos";
  return field == "value" ? model::to_string(series.mapping()) : std::string_view("keyword");
}

constexpr std::array<std::string_view, 4> field_names{"device_id", "sensor_id", "timestamp", "value"};

EsResult<void> write_mappings(JsonWriter& json, const Series& series) {
  ES_TRY(const auto inside, fields_inside(series, {"*"}));
  json.key("mappings").begin_object();
  json.key("properties").begin_object();
  for (const std::string_view field : field_names) {
    json.key(field);
    if (field == "value" && series.mapping() == model::MappingType::object) {
      write_object_mapping(json, inside);
      continue;
    }
    json.begin_object();
    json.key("type").string(type_of(series, field));
    json.end_object();
  }
  json.end_object().end_object();
  return {};
}

std::vector<std::pair<std::string, std::string>> settings_of(const Series& series) {
  return {{"number_of_shards", "1"},
          {"provided_name", series.name},
          {"number_of_replicas", "0"},
          {"uuid", index_uuid(series.name)}};
}

void write_settings(JsonWriter& json, const Series& series, const std::vector<std::string>& patterns, bool flat) {
  std::vector<std::pair<std::string, std::string>> shown;
  for (auto& setting : settings_of(series)) {
    if (patterns.empty() || fits_any(patterns, "index." + setting.first)) shown.push_back(std::move(setting));
  }
  const bool version = patterns.empty() || fits_any(patterns, "index.version.created");
  json.key("settings").begin_object();
  if (flat) {
    for (const auto& [name, text] : shown) json.key("index." + name).string(text);
    if (version) json.key("index.version.created").string(created_version);
  } else if (!shown.empty() || version) {
    json.key("index").begin_object();
    for (const auto& [name, text] : shown) json.key(name).string(text);
    if (version) {
      json.key("version").begin_object();
      json.key("created").string(created_version);
      json.end_object();
    }
    json.end_object();
  }
  json.end_object();
}

void write_shards(JsonWriter& json, std::size_t total) {
  json.key("_shards").begin_object();
  json.key("total").unsigned_integer(total);
  json.key("successful").unsigned_integer(total);
  json.key("failed").integer(0);
  json.end_object();
}

template <class Write>
EsAnswer of_each(const std::vector<Series>& series, Write&& write) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  for (const Series& one : series) {
    json.key(one.name).begin_object();
    const EsResult<void> written = write(json, one);
    if (!written) return written.error().answer(one.name);
    json.end_object();
  }
  json.end_object();
  return {200, std::move(body), "application/json"};
}

struct Size {
  std::uint64_t count = 0;
  std::uint64_t bytes = 0;
};

void write_size(JsonWriter& json, const Size& size, bool docs, bool store) {
  for (const std::string_view name : {"primaries", "total"}) {
    json.key(name).begin_object();
    if (docs) {
      json.key("docs").begin_object();
      json.key("count").unsigned_integer(size.count);
      json.key("deleted").integer(0);
      json.key("total_size_in_bytes").unsigned_integer(size.bytes);
      json.end_object();
    }
    if (store) {
      json.key("store").begin_object();
      json.key("size_in_bytes").unsigned_integer(size.bytes);
      json.key("total_data_set_size_in_bytes").unsigned_integer(size.bytes);
      json.key("reserved_in_bytes").integer(0);
      json.end_object();
    }
    json.end_object();
  }
}

}  // namespace

EsAnswer mapping_answer(const std::vector<Series>& series) {
  return of_each(series, write_mappings);
}

EsAnswer field_mapping_answer(const std::vector<Series>& series, std::string_view patterns) {
  const std::vector<std::string> asked = split_list(patterns);
  return of_each(series, [&](JsonWriter& json, const Series& one) -> EsResult<void> {
    ES_TRY(const auto inside, fields_inside(one, asked));
    json.key("mappings").begin_object();
    for (const std::string_view field : field_names) {
      if (!fits_any(asked, field)) continue;
      // Objects are not fields.
      if (field == "value" && one.mapping() == model::MappingType::object) continue;
      json.key(field).begin_object();
      json.key("full_name").string(field);
      json.key("mapping").begin_object();
      json.key(field).begin_object();
      json.key("type").string(type_of(one, field));
      json.end_object().end_object().end_object();
    }
    for (const ObjectField& field : inside) {
      if (field.type == model::MappingType::object) continue;
      const std::string name = "value." + field.name;
      json.key(name).begin_object();
      json.key("full_name").string(name);
      json.key("mapping").begin_object();
      json.key(std::string_view(name).substr(name.rfind('.') + 1));
      write_field_mapping(json, field);
      json.end_object().end_object();
    }
    json.end_object();
    return {};
  });
}

EsAnswer settings_answer(const std::vector<Series>& series, std::string_view patterns, bool flat) {
  const std::vector<std::string> asked = split_list(patterns);
  return of_each(series, [&](JsonWriter& json, const Series& one) {
    write_settings(json, one, asked, flat);
    return EsResult<void>();
  });
}

EsAnswer aliases_answer(const std::vector<Series>& series, std::string_view name) {
  const bool is_pattern = name.empty() || name == "_all" || name.find('*') != std::string_view::npos;
  if (!is_pattern) {
    std::string body = "{\"error\":";
    append_json_string(body, "alias [" + std::string(name) + "] missing");
    return {404, body + ",\"status\":404}", "application/json"};
  }
  if (!name.empty()) return {200, "{}", "application/json"};
  return of_each(series, [](JsonWriter& json, const Series&) {
    json.key("aliases").begin_object().end_object();
    return EsResult<void>();
  });
}

EsAnswer index_answer(const std::vector<Series>& series) {
  return of_each(series, [](JsonWriter& json, const Series& one) -> EsResult<void> {
    json.key("aliases").begin_object().end_object();
    ES_CHECK(write_mappings(json, one));
    write_settings(json, one, {}, false);
    return {};
  });
}

EsAnswer stats_answer(store::ReadingStore& store, const std::vector<Series>& series, std::string_view metrics) {
  bool docs = false, stored = false;
  for (const std::string& metric : split_list(metrics.empty() ? "_all" : metrics)) {
    if (metric != "_all" && metric != "docs" && metric != "store") {
      return illegal_argument("[_stats] of [" + metric + "] is not supported").answer();
    }
    docs = docs || metric != "store";
    stored = stored || metric != "docs";
  }
  std::vector<Size> sizes;
  Size all;
  for (const Series& one : series) {
    const auto info = store.info(one.index.sensor);
    if (!info) return store_failed(info.error()).answer(one.name);
    sizes.push_back({info->count_max, info->disk_bytes});
    all.count += info->count_max;
    all.bytes += info->disk_bytes;
  }
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  write_shards(json, series.size());
  json.key("_all").begin_object();
  write_size(json, all, docs, stored);
  json.end_object();
  json.key("indices").begin_object();
  for (std::size_t i = 0; i < series.size(); ++i) {
    json.key(series[i].name).begin_object();
    json.key("uuid").string(index_uuid(series[i].name));
    json.key("health").string("green");
    json.key("status").string("open");
    write_size(json, sizes[i], docs, stored);
    json.end_object();
  }
  json.end_object().end_object();
  return {200, std::move(body), "application/json"};
}

EsAnswer resolve_index_answer(const std::vector<Series>& series) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.key("indices").begin_array();
  for (const Series& one : series) {
    json.begin_object();
    json.key("name").string(one.name);
    json.key("attributes").begin_array().string("open").end_array();
    json.end_object();
  }
  json.end_array();
  json.key("aliases").begin_array().end_array();
  json.key("data_streams").begin_array().end_array();
  json.end_object();
  return {200, std::move(body), "application/json"};
}

EsAnswer refresh_answer(const std::vector<Series>& series) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  write_shards(json, series.size());
  json.end_object();
  return {200, std::move(body), "application/json"};
}

}  // namespace iot::query
