#include "query/row_request.h"

#include <string>

#include "query/json_fields.h"
#include "query/sort_spec.h"
#include "query/source_filter.h"
#include "query/wildcard.h"

namespace iot::query {
namespace {

constexpr std::size_t fields_max = 100;

EsError refused(std::string_view name, std::string_view why) {
  return illegal_argument("[" + std::string(name) + "] is not supported where the answer is rows: " + std::string(why));
}

EsResult<std::uint64_t> row_count(std::string_view name, std::int64_t count) {
  if (count < 0) {
    return illegal_argument("[" + std::string(name) + "] parameter cannot be negative, found [" +
                            std::to_string(count) + "]");
  }
  return static_cast<std::uint64_t>(count);
}

EsResult<std::uint64_t> row_count(std::string_view name, const std::string& text) {
  const auto count = parse_whole(text);
  if (!count) {
    return illegal_argument("Failed to parse int parameter [" + std::string(name) + "] with value [" + text + "]")
        .caused_by(not_a_number(text));
  }
  return row_count(name, *count);
}

EsResult<store::Direction> direction_of(const SortSpec& sort) {
  // By score all are equal, and rows come as documents do.
  if (sort.keys.empty()) return store::Direction::ascending;
  for (const SortKey& key : sort.keys) {
    if (key.field != Field::timestamp)
      return refused("sort", "by [" + key.name + "]; rows are sorted by [timestamp] only");
  }
  if (sort.keys.size() > 1) return refused("sort", "one key, [timestamp], is all that rows are sorted by");
  if (sort.keys[0].format) return refused("sort.format", "rows show no sort values");
  return sort.keys[0].ascending ? store::Direction::ascending : store::Direction::descending;
}

/// "timestamp", {"field": "val*"} or a list of these.
EsResult<std::vector<std::string>> read_fields(const JsonMember& member) {
  if (!member.value.is_array()) return wrong_kind("fields", member);
  if (member.value.items.size() > fields_max) return illegal_argument("[fields] takes at most 100 patterns");
  std::vector<std::string> patterns;
  for (const JsonNode& item : member.value.items) {
    if (item.is_string()) {
      patterns.push_back(item.text);
      continue;
    }
    const JsonNode* field = item.find("field");
    if (!item.is_object() || !field || !field->is_string()) return wrong_kind("fields", member);
    for (const JsonMember& option : item.members) {
      if (option.name != "field") return refused("fields." + option.name, "columns have one form");
    }
    patterns.push_back(field->text);
  }
  return patterns;
}

class Reader {
 public:
  Reader(RowRequest& request, const QueryLimits& limits) : request_(request), queries_(limits.clauses_max) {}

  EsResult<void> take(const JsonMember& member) {
    const std::string& name = member.name;
    if (name == "query") {
      ES_TRY(request_.query, queries_.parse(member.value));
    } else if (name == "sort") {
      ES_TRY(const SortSpec sort, parse_sort(member.value));
      ES_TRY(request_.direction, direction_of(sort));
    } else if (name == "size") {
      ES_TRY(const std::string text, read_text("search", member));
      ES_TRY(request_.rows_max, row_count(name, text));
    } else if (name == "from") {
      ES_TRY(const std::int64_t from, read_integer("search", member));
      if (from != 0) return refused(name, "ask for a range of time instead");
    } else if (name == "_source") {
      ES_TRY(source_, parse_source_filter(member));
    } else if (name == "fields") {
      ES_TRY(fields_, read_fields(member));
    } else if (name == "track_total_hits" || name == "track_scores") {
      // Rows have neither; as with size 0 and hits, whether they are counted shows nowhere.
      ES_CHECK(read_text("search", member));
    } else {
      return refused(name, "only query, sort, size, _source and fields are");
    }
    return {};
  }

  EsResult<void> take(const std::string& name, const std::string& text, rows::Form form) {
    if (name == "size") {
      ES_TRY(request_.rows_max, row_count(name, text));
    } else if (name == "sort") {
      ES_TRY(const SortSpec sort, parse_sort_parameter(text));
      ES_TRY(request_.direction, direction_of(sort));
    } else if (name == "_source") {
      source_ = {};
      source_.shown = text != "false";
      if (source_.shown && text != "true") source_.includes = split_list(text);
    } else if (name == "_source_includes" || name == "_source_include") {
      source_.includes = split_list(text);
    } else if (name == "_source_excludes" || name == "_source_exclude") {
      source_.excludes = split_list(text);
    } else if (name == "from") {
      ES_TRY(const std::uint64_t from, row_count(name, text));
      if (from != 0) return refused(name, "ask for a range of time instead");
    } else if (name == "timestamp") {
      return take_times(text, form);
    } else if (name == "track_total_hits" || name == "track_scores") {
      return {};
    } else if (name == "timeout" || name == "typed_keys" || name == "rest_total_hits_as_int") {
      return refused(name, "there is nothing in rows that it would change");
    } else {
      unknown_ = true;
    }
    return {};
  }
  /// Whether the parameter that was taken last is none of a search.
  bool unknown() const noexcept { return unknown_; }

  EsResult<void> finish() {
    const auto shows = [&](std::string_view column) {
      if (!fields_) return source_.shown && source_.shows(column);
      for (const std::string& pattern : *fields_) {
        if (fits_wildcard(pattern, column)) return true;
      }
      return false;
    };
    for (const auto* patterns : {&source_.includes, &source_.excludes, fields_ ? &*fields_ : nullptr}) {
      for (const std::string& pattern : patterns ? *patterns : std::vector<std::string>()) {
        if (!pattern.starts_with("value.")) continue;
        return refused(pattern, "rows have no columns of fields inside objects: ask for [value], or in SQL");
      }
    }
    request_.columns = {shows("timestamp"), shows("device_id"), shows("sensor_id"), shows("value")};
    if (!request_.columns.any()) {
      return illegal_argument("no column is left: they are timestamp, device_id, sensor_id and value");
    }
    return {};
  }

 private:
  EsResult<void> take_times(const std::string& text, rows::Form form) {
    if (text != "rfc3339" && text != "epoch_ns") {
      return illegal_argument("[timestamp] is [rfc3339] or [epoch_ns], not [" + text + "]");
    }
    if (form == rows::Form::arrow) return refused("timestamp", "Arrow's times are no text");
    request_.times = text == "epoch_ns" ? rows::TimeText::epoch_ns : rows::TimeText::rfc3339;
    return {};
  }

  RowRequest& request_;
  QueryParser queries_;
  SourceFilter source_;
  std::optional<std::vector<std::string>> fields_;
  bool unknown_ = false;
};

}  // namespace

EsResult<RowRequest> parse_row_request(std::string_view body, const Parameters& parameters, std::string_view endpoint,
                                       rows::Form form, const QueryLimits& limits) {
  RowRequest request;
  Reader reader(request, limits);
  if (body.find_first_not_of(" \t\r\n") != std::string_view::npos) {
    ES_TRY(const JsonNode root, parse_json(body, limits.body_depth_max));
    if (!root.is_object()) {
      return parsing_error(root.at, "Expected [START_OBJECT] but found [" + std::string(root.token_name()) + "]");
    }
    for (const JsonMember& member : root.members) ES_CHECK(reader.take(member));
  }
  for (const auto& [name, text] : parameters) {
    if (is_common_parameter(name)) continue;
    ES_CHECK(reader.take(name, text, form));
    if (reader.unknown()) return unknown_parameter(endpoint, name);
  }
  ES_CHECK(reader.finish());
  return request;
}

}  // namespace iot::query
