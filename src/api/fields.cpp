#include "api/fields.h"

#include <charconv>
#include <iterator>
#include <variant>

#include "access/strict_json.h"
#include "base/ids.h"

namespace iot::api {
namespace {

namespace json = boost::json;
using std::chrono::seconds;

constexpr seconds duration_max = std::chrono::hours(24) * 36'525;  // 100 years

/// Every type's name, for the fault.
std::string mapping_names() {
  std::string names;
  for (std::size_t i = 0; i < model::mapping_type_count; ++i) {
    if (i > 0) names += ", ";
    names += model::to_string(static_cast<model::MappingType>(i));
  }
  return names;
}

bool in_range(seconds duration) noexcept {
  return duration >= seconds(1) && duration <= duration_max;
}

}  // namespace

Fields::Fields(const json::value& value, std::string prefix) : object_(value.if_object()), prefix_(std::move(prefix)) {
  if (object_) return;
  std::string where = prefix_;
  if (where.ends_with('.')) where.pop_back();
  faults_.push_back({"an object is expected", where});
}

void Fields::fault(std::string message, std::string_view name) {
  faults_.push_back({std::move(message), prefix_ + std::string(name)});
}

const json::value* Fields::take(std::string_view name) {
  known_.emplace(name);
  return object_ ? object_->if_contains(name) : nullptr;
}

std::optional<std::string> Fields::text(std::string_view name) {
  const json::value* value = take(name);
  if (!value) return {};
  if (!value->is_string()) {
    fault("a string is expected", name);
    return {};
  }
  const json::string& text = value->get_string();
  return std::string(text.data(), text.size());
}

std::string Fields::required_text(std::string_view name) {
  if (object_ && !has(name)) fault("is missing", name);
  return text(name).value_or(std::string());
}

std::optional<std::int64_t> Fields::required_id(std::string_view name) {
  const json::value* value = take(name);
  if (!value) {
    if (object_) fault("is missing", name);
    return {};
  }
  if (value->is_int64()) return value->get_int64();
  if (value->is_string()) {
    if (const auto id = parse_id<Id<struct AnyTag>>(std::string_view(value->get_string()))) return id->value;
  }
  fault("an id is expected: a decimal integer, as a string or a number", name);
  return {};
}

std::optional<seconds> parse_duration(std::string_view text) noexcept {
  std::int64_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || stop + 1 != text.data() + text.size() || text[0] == '-') return {};
  std::int64_t unit_s = 0;
  switch (*stop) {
    case 's':
      unit_s = 1;
      break;
    case 'm':
      unit_s = 60;
      break;
    case 'h':
      unit_s = 3'600;
      break;
    case 'd':
      unit_s = 86'400;
      break;
    case 'w':
      unit_s = 604'800;
      break;
    default:
      return {};
  }
  if (number > duration_max.count()) return {};
  const seconds duration(number * unit_s);
  if (!in_range(duration)) return {};
  return duration;
}

std::optional<std::optional<seconds>> Fields::duration(std::string_view name) {
  const json::value* value = take(name);
  if (!value) return {};
  if (value->is_null()) return std::optional<std::optional<seconds>>(std::in_place);
  std::optional<seconds> read;
  if (value->is_int64() && in_range(seconds(value->get_int64()))) read = seconds(value->get_int64());
  if (value->is_string()) read = parse_duration(std::string_view(value->get_string()));
  if (read) return read;
  fault("seconds as an integer, or a text such as \"12h\" or \"30d\", from a second to 100 years are expected", name);
  return {};
}

/// 0 where it is absent, null, or, with a fault, something else.
seconds Fields::rollup_age(std::string_view name) {
  const json::value* value = object_ ? object_->if_contains(name) : nullptr;
  if (value && value->is_string() && value->get_string() == "forever") {
    take(name);
    return model::forever;
  }
  return duration(name).value_or(std::nullopt).value_or(seconds(0));
}

std::optional<std::optional<model::Rollups>> Fields::rollups(std::string_view name) {
  const json::value* value = take(name);
  if (!value) return {};
  if (value->is_null()) return std::optional<std::optional<model::Rollups>>(std::in_place);
  Fields ages(*value, prefix_ + std::string(name) + ".");
  const model::Rollups read{ages.rollup_age("minutes"), ages.rollup_age("hours"), ages.rollup_age("days")};
  auto faults = ages.finish();
  if (faults.empty()) return std::optional(read);
  faults_.insert(faults_.end(), std::make_move_iterator(faults.begin()), std::make_move_iterator(faults.end()));
  return {};
}

std::optional<model::MappingType> Fields::mapping(std::string_view name) {
  const json::value* value = take(name);
  if (!value) return {};
  json::value parsed;
  if (value->is_string()) {
    auto read = access::parse_strict_json(std::string_view(value->get_string()), 4);
    if (const auto* bad = std::get_if<access::JsonFault>(&read)) {
      fault("is a string, but no JSON: " + bad->message, name);
      return {};
    }
    parsed = std::move(std::get<json::value>(read));
    value = &parsed;
  }
  const json::object* object = value->if_object();
  const json::value* type = object ? object->if_contains("type") : nullptr;
  if (!type || !type->is_string()) {
    fault("an object with a \"type\" is expected, such as {\"type\":\"double\"}", name);
    return {};
  }
  for (const auto& member : *object) {
    if (member.key() == "type") continue;
    fault("is not a member of a mapping", std::string(name) + "." + std::string(member.key()));
    return {};
  }
  const auto known = model::parse_mapping_type(std::string_view(type->get_string()));
  if (!known) fault("is not a mapping type; there are: " + mapping_names(), std::string(name) + ".type");
  return known;
}

std::vector<Fault> Fields::finish() {
  if (object_) {
    for (const auto& member : *object_) {
      const std::string_view name(member.key().data(), member.key().size());
      if (!known_.contains(name)) fault("is not a member of this request", name);
    }
  }
  return std::move(faults_);
}

}  // namespace iot::api
