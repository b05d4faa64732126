#include "query/sql/value.h"

#include <cmath>
#include <cstdio>

#include "base/json_writer.h"
#include "query/calendar.h"
#include "query/date_format.h"
#include "query/json_fields.h"

namespace iot::query::sql {
namespace {

template <class T>
int order_of(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

/// A whole number, also of a metric, which is written as a decimal one.
Value whole_of(const JsonNode& node) {
  if (const auto whole = parse_whole(node.text)) return Value::of_integer(*whole);
  const auto real = parse_real(node.text);
  constexpr double whole_max = 9.2e18;
  if (!real || std::abs(*real) > whole_max) return {};
  return Value::of_integer(static_cast<std::int64_t>(*real));
}

Value datetime_of(const JsonNode& node) {
  if (node.is_string()) {
    const auto read = DateFormat::date_nanos().read(node.text, FillUp::first, TimeZone());
    return read ? Value::of_datetime(read->moment.to_ns()) : Value();
  }
  const Value ms = whole_of(node);
  return ms.is_null() ? ms : Value::of_datetime(Moment::from_ms(ms.integer).to_ns());
}

/// GeoJSON as well-known text.
Value point_of(const JsonNode& node) {
  const JsonNode* at = node.find("coordinates");
  if (!at || at->items.size() != 2) return {};
  return Value::of_text("POINT (" + at->items[0].text + " " + at->items[1].text + ")");
}

std::string real_text(double number) {
  std::string text;
  append_json_real(text, number);
  return text;
}

}  // namespace

Value Value::of_boolean(bool flag) {
  Value value;
  value.kind = Kind::boolean;
  value.integer = flag ? 1 : 0;
  return value;
}

Value Value::of_integer(std::int64_t number) {
  Value value;
  value.kind = Kind::integer;
  value.integer = number;
  return value;
}

Value Value::of_real(double number) {
  Value value;
  value.kind = Kind::real;
  value.real = number;
  return value;
}

Value Value::of_text(std::string text_of) {
  Value value;
  value.kind = Kind::text;
  value.text = std::move(text_of);
  return value;
}

Value Value::of_datetime(std::int64_t ns) {
  Value value;
  value.kind = Kind::datetime;
  value.integer = ns;
  return value;
}

std::optional<int> compare(const Value& a, const Value& b) {
  if (a.is_null() || b.is_null()) return {};
  if (a.kind == Value::Kind::integer && b.kind == Value::Kind::integer) return order_of(a.integer, b.integer);
  if (a.is_number() && b.is_number()) return order_of(a.as_real(), b.as_real());
  if (a.kind != b.kind || a.kind == Value::Kind::interval) return {};
  return a.kind == Value::Kind::text ? order_of(a.text, b.text) : order_of(a.integer, b.integer);
}

std::string datetime_text(std::int64_t ns, const TimeZone& zone) {
  const Moment moment = Moment::from_ns(ns);
  const std::int64_t offset_s = zone.stretch_at(moment.seconds).offset_s;
  const Civil civil = civil_of(moment.seconds + offset_s);
  char text[96];
  std::snprintf(text, sizeof text, "%04lld-%02u-%02uT%02u:%02u:%02u.%09d", static_cast<long long>(civil.year),
                civil.month, civil.day, civil.hour, civil.minute, civil.second, moment.nanos);
  std::string out = text;
  for (int digits = 9; digits > 3 && out.back() == '0'; --digits) out.pop_back();
  if (offset_s == 0) return out + "Z";
  const std::int64_t minutes = std::abs(offset_s) / 60;
  std::snprintf(text, sizeof text, "%c%02d:%02d", offset_s < 0 ? '-' : '+', static_cast<int>(minutes / 60),
                static_cast<int>(minutes % 60));
  return out + text;
}

std::string to_text(const Value& value, const TimeZone& zone) {
  switch (value.kind) {
    case Value::Kind::boolean:
      return value.integer != 0 ? "true" : "false";
    case Value::Kind::integer:
      return std::to_string(value.integer);
    case Value::Kind::real:
      return real_text(value.real);
    case Value::Kind::text:
      return value.text;
    case Value::Kind::datetime:
      return datetime_text(value.integer, zone);
    default:
      return {};
  }
}

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

void append_json(std::string& out, const Value& value, const TimeZone& zone) {
  if (value.is_null()) {
    out += "null";
  } else if (value.kind == Value::Kind::text || value.kind == Value::Kind::datetime) {
    append_json_string(out, to_text(value, zone));
  } else {
    out += to_text(value, zone);
  }
}

Value value_of(const JsonNode& node, std::string_view type) {
  if (node.is_null()) return {};
  if (type == "datetime") return datetime_of(node);
  if (type == "geo_point") return point_of(node);
  if (type == "boolean") {
    return Value::of_boolean(node.is_boolean() ? node.flag : whole_of(node).integer != 0);
  }
  if (type == "double" || type == "float") {
    const auto real = parse_real(node.text);
    return real ? Value::of_real(*real) : Value();
  }
  if (type == "long" || type == "integer" || type == "short" || type == "byte") return whole_of(node);
  return Value::of_text(node.as_text());
}

}  // namespace iot::query::sql
