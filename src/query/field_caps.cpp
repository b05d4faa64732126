// _field_caps: which fields there are in some indices, of which types, and what can be done with them.
#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include "base/json_writer.h"
#include "query/index_answers.h"
#include "query/json_fields.h"
#include "query/objects/mapping_inside.h"
#include "query/wildcard.h"

namespace iot::query {
namespace {

struct Capabilities {
  std::string_view name;
  std::string_view type;
  bool searchable;
  bool aggregatable;
};

/// Fields that every index of Elasticsearch has, in its order.
constexpr std::array<Capabilities, 14> metadata{{
    {"_routing", "_routing", true, false},
    {"_doc_count", "integer", false, false},
    {"_ignored_source", "_ignored_source", false, false},
    {"_index", "_index", true, true},
    {"_index_mode", "_index_mode", true, true},
    {"_ignored", "_ignored", true, true},
    {"_tier", "keyword", true, true},
    {"_seq_no", "_seq_no", true, true},
    {"_nested_path", "_nested_path", true, false},
    {"_data_stream_timestamp", "_data_stream_timestamp", false, false},
    {"_field_names", "_field_names", true, false},
    {"_source", "_source", false, false},
    {"_id", "_id", true, false},
    {"_version", "_version", false, true},
}};

Capabilities capabilities_of(std::string_view name, model::MappingType mapping) {
  const bool is_object = mapping == model::MappingType::object;
  return {name, model::to_string(mapping), !is_object, !is_object && mapping != model::MappingType::text};
}

class Answer {
 public:
  Answer(const std::vector<Series>& series, std::vector<std::string> patterns)
      : series_(series), patterns_(std::move(patterns)) {}

  EsAnswer write() {
    for (const Series& one : series_) {
      if (const auto added = add_fields(one); !added) return added.error().answer(one.name);
    }
    json_.begin_object();
    json_.key("indices").begin_array();
    for (const Series& one : series_) json_.string(one.name);
    json_.end_array();
    json_.key("fields").begin_object();
    if (!series_.empty()) {
      for (const Capabilities& one : metadata) write_field(one, true);
      for (const std::string_view name : {"device_id", "sensor_id"}) write_field({name, "keyword", true, true}, false);
      for (const auto& [name, by_type] : values_) write_value(name, by_type);
      write_field({"timestamp", "date_nanos", true, true}, false);
    }
    json_.end_object().end_object();
    return {200, std::move(body_), "application/json"};
  }

 private:
  bool is_asked(std::string_view name) const {
    return std::any_of(patterns_.begin(), patterns_.end(),
                       [&](const std::string& pattern) { return fits_wildcard(pattern, name); });
  }

  void write_type(const Capabilities& one, bool is_metadata) {
    json_.key(one.type).begin_object();
    json_.key("type").string(one.type);
    json_.key("metadata_field").boolean(is_metadata);
    json_.key("searchable").boolean(one.searchable);
    json_.key("aggregatable").boolean(one.aggregatable);
  }

  void write_field(const Capabilities& one, bool is_metadata) {
    if (!is_asked(one.name)) return;
    json_.key(one.name).begin_object();
    write_type(one, is_metadata);
    json_.end_object().end_object();
  }

  /// The indices that have a field, by its type.
  using ByType = std::array<std::vector<std::reference_wrapper<const Series>>, model::mapping_type_count>;

  /// `value`, and what is inside it with the objects around.
  EsResult<void> add_fields(const Series& series) {
    std::set<std::string> objects;
    const auto add = [&](const std::string& name, model::MappingType type) {
      if (is_asked(name)) values_[name][static_cast<std::size_t>(type)].push_back(series);
    };
    add("value", series.mapping());
    ES_TRY(const auto fields, fields_inside(series, patterns_));
    for (const ObjectField& field : fields) {
      const std::string name = "value." + field.name;
      if (field.type != model::MappingType::object) add(name, field.type);
      if (field.type == model::MappingType::object) objects.insert(name);
      const std::string path = "value." + field.path;
      for (std::size_t dot = path.find('.', 6); dot != std::string::npos; dot = path.find('.', dot + 1)) {
        objects.insert(path.substr(0, dot));
      }
    }
    for (const std::string& name : objects) add(name, model::MappingType::object);
    return {};
  }

  void write_value(const std::string& name, const ByType& by_type) {
    const auto types = std::count_if(by_type.begin(), by_type.end(), [](const auto& list) { return !list.empty(); });
    json_.key(name).begin_object();
    for (std::size_t type = 0; type < by_type.size(); ++type) {
      if (by_type[type].empty()) continue;
      write_type(capabilities_of(name, static_cast<model::MappingType>(type)), false);
      // Where all have the same type, that says nothing.
      if (types > 1) {
        json_.key("indices").begin_array();
        for (const Series& one : by_type[type]) json_.string(one.name);
        json_.end_array();
      }
      json_.end_object();
    }
    json_.end_object();
  }

  const std::vector<Series>& series_;
  const std::vector<std::string> patterns_;
  std::map<std::string, ByType> values_;
  std::string body_;
  JsonWriter json_{body_};
};

}  // namespace

EsAnswer field_caps_answer(const std::vector<Series>& series, const Parameters& parameters, std::string_view body,
                           const QueryLimits& limits) {
  std::vector<std::string> patterns;
  for (const auto& [name, text] : parameters) {
    if (name == "fields") {
      patterns = split_list(text);
    } else if (name == "filters" || name == "types") {
      if (!text.empty()) return illegal_argument("[" + name + "] of [_field_caps] is not supported").answer();
    } else if (name != "include_unmapped" && name != "include_empty_fields" && !is_common_parameter(name)) {
      // Every index has every field.
      return unknown_parameter("/_field_caps", name).answer();
    }
  }
  if (body.find_first_not_of(" \t\r\n") != std::string_view::npos) {
    const auto root = parse_json(body, limits.body_depth_max);
    if (!root) return root.error().answer();
    for (const JsonMember& member : root->members) {
      if (member.name == "fields") {
        auto names = read_texts("field_caps_request", member);
        if (!names) return names.error().answer();
        patterns = std::move(*names);
      } else if (!member.value.is_null() && !(member.value.is_object() && member.value.members.empty())) {
        return illegal_argument("[" + member.name + "] of [_field_caps] is not supported").answer();
      }
    }
  }
  constexpr std::size_t patterns_max = 1'024;
  if (patterns.size() > patterns_max) return illegal_argument("[_field_caps] takes at most 1024 fields").answer();
  if (patterns.empty()) {
    return EsError(400, "action_request_validation_exception", "Validation Failed: 1: no fields specified;").answer();
  }
  return Answer(series, std::move(patterns)).write();
}

}  // namespace iot::query
