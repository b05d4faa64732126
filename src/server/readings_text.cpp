#include "server/readings_text.h"

#include <algorithm>

#include <boost/json/parse.hpp>

#include "base/json_writer.h"
#include "server/settings.h"

namespace iot::server {
namespace {

constexpr std::array<std::string_view, 4> column_names{"device_id", "sensor_id", "timestamp", "value"};

bool looks_like_json(std::string_view text) noexcept {
  return !text.empty() && (text[0] == '{' || text[0] == '[');
}

bool is_number(std::string_view text) noexcept {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

/// Valid JSON of an object or array is taken as such; everything else is the string that it is.
void append_csv_value(JsonWriter& json, std::string_view value) {
  if (looks_like_json(value)) {
    boost::system::error_code error;
    boost::json::parse(value, error);
    if (!error) {
      json.raw(value);
      return;
    }
  }
  json.string(value);
}

Error bad_line(std::string message) {
  return make_error(Errc::usage, std::move(message));
}

}  // namespace

ReadingsFormat readings_format(std::string_view explicit_name, std::string_view file_name) {
  if (explicit_name == "csv") return ReadingsFormat::csv;
  if (explicit_name == "jsonl") return ReadingsFormat::json_lines;
  for (const auto* ending : {".jsonl", ".ndjson", ".json"}) {
    if (file_name.ends_with(ending)) return ReadingsFormat::json_lines;
  }
  return ReadingsFormat::csv;
}

bool is_open_csv(std::string_view record) noexcept {
  return std::ranges::count(record, '"') % 2 != 0;
}

std::optional<std::vector<std::string>> split_csv(std::string_view record) {
  std::vector<std::string> fields(1);
  std::size_t at = 0;
  while (true) {
    if (at < record.size() && record[at] == '"') {
      for (++at;; ++at) {
        if (at == record.size()) return {};
        if (record[at] != '"') {
          fields.back() += record[at];
        } else if (at + 1 < record.size() && record[at + 1] == '"') {
          fields.back() += '"';
          ++at;
        } else {
          break;
        }
      }
      ++at;
      if (at < record.size() && record[at] != ',') return {};
    } else {
      while (at < record.size() && record[at] != ',') {
        if (record[at] == '"') return {};
        fields.back() += record[at++];
      }
    }
    if (at == record.size()) return fields;
    ++at;
    fields.emplace_back();
  }
}

Result<std::optional<ReadingsReader::Line>> ReadingsReader::read(std::string_view record) {
  while (!record.empty() && (record.back() == '\r' || record.back() == '\n')) record.remove_suffix(1);
  if (record.empty()) return std::optional<Line>{};
  return format_ == ReadingsFormat::csv ? read_csv(record) : read_json(record);
}

Result<std::optional<ReadingsReader::Line>> ReadingsReader::read_csv(std::string_view record) {
  const auto fields = split_csv(record);
  if (!fields) return bad_line("a quote is not closed or stands inside a field without quotes");
  if (!columns_) {
    columns_.emplace();
    for (std::size_t i = 0; i < column_names.size(); ++i) {
      const auto found = std::ranges::find(*fields, column_names[i]);
      if (found == fields->end()) {
        columns_.reset();
        return bad_line("the head line has no column " + std::string(column_names[i]) +
                        "; it must name device_id, sensor_id, timestamp and value");
      }
      (*columns_)[i] = static_cast<std::size_t>(found - fields->begin());
    }
    return std::optional<Line>{};
  }
  if (fields->size() <= *std::ranges::max_element(*columns_)) return bad_line("the line has too few fields");
  const auto field = [&](std::size_t column) -> const std::string& { return (*fields)[(*columns_)[column]]; };
  const auto device = parse_id<DeviceId>(field(0));
  if (!device) return bad_line("\"" + field(0) + "\" is not a device id");

  Line line{*device, {}};
  JsonWriter json(line.reading);
  json.begin_object().key("sensor_id").string(field(1)).key("timestamp");
  is_number(field(2)) ? json.raw(field(2)) : json.string(field(2));
  json.key("value");
  append_csv_value(json, field(3));
  json.end_object();
  return std::optional(std::move(line));
}

Result<std::optional<ReadingsReader::Line>> ReadingsReader::read_json(std::string_view record) {
  boost::system::error_code error;
  const auto parsed = boost::json::parse(record, error);
  const auto* object = parsed.if_object();
  if (error || !object) return bad_line("the line is not a JSON object");
  const auto* id = object->if_contains("device_id");
  std::optional<DeviceId> device;
  if (id && id->is_string()) device = parse_id<DeviceId>(std::string_view(id->get_string()));
  if (id && id->is_int64()) device = DeviceId{id->get_int64()};
  if (!device) return bad_line("device_id is missing or not a device id");
  return std::optional(Line{*device, std::string(record)});
}

}  // namespace iot::server
