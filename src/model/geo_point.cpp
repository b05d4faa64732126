#include "model/geo_point.h"

#include "base/json_writer.h"
#include "model/number_text.h"

namespace iot::model {
namespace {

std::optional<double> parse_degrees(std::string_view text, double magnitude_max) noexcept {
  const auto decimal = parse_decimal(text);
  if (!decimal) return {};
  const auto degrees = nearest_double(*decimal);
  if (!degrees || *degrees < -magnitude_max || *degrees > magnitude_max) return {};
  return degrees;
}

std::optional<GeoPoint> make_point(std::string_view latitude, std::string_view longitude) noexcept {
  const auto latitude_degrees = parse_degrees(latitude, 90);
  const auto longitude_degrees = parse_degrees(longitude, 180);
  if (!latitude_degrees || !longitude_degrees) return {};
  return GeoPoint{*latitude_degrees, *longitude_degrees};
}

/// Reads the little JSON that a point can be. Members' names are compared as they stand: an escaped letter is refused.
class Scanner {
 public:
  explicit Scanner(std::string_view json) noexcept : rest_(json) {}

  bool take(char c) noexcept {
    skip_blanks();
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool at_end() noexcept {
    skip_blanks();
    return rest_.empty();
  }

  std::optional<std::string_view> string() noexcept {
    if (!take('"')) return {};
    const std::size_t quote = rest_.find('"');
    if (quote == std::string_view::npos) return {};
    const std::string_view text = rest_.substr(0, quote);
    rest_.remove_prefix(quote + 1);
    return text;
  }

  /// A number, or a string that should hold one.
  std::optional<std::string_view> number() noexcept {
    skip_blanks();
    if (!rest_.empty() && rest_[0] == '"') return string();
    const std::size_t end = std::min(rest_.find_first_of(",]} \t\r\n"), rest_.size());
    const std::string_view text = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return text;
  }

 private:
  void skip_blanks() noexcept { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size())); }

  std::string_view rest_;
};

std::optional<GeoPoint> parse_object(std::string_view json) noexcept {
  Scanner scan(json);
  std::optional<std::string_view> latitude;
  std::optional<std::string_view> longitude;
  if (!scan.take('{')) return {};
  do {
    const auto name = scan.string();
    if (!name || !scan.take(':')) return {};
    auto* member = *name == "lat" ? &latitude : *name == "lon" ? &longitude : nullptr;
    if (member == nullptr || *member) return {};
    *member = scan.number();
    if (!*member) return {};
  } while (scan.take(','));
  if (!scan.take('}') || !scan.at_end() || !latitude || !longitude) return {};
  return make_point(*latitude, *longitude);
}

std::optional<GeoPoint> parse_array(std::string_view json) noexcept {
  Scanner scan(json);
  if (!scan.take('[')) return {};
  const auto longitude = scan.number();
  if (!longitude || !scan.take(',')) return {};
  const auto latitude = scan.number();
  if (!latitude || !scan.take(']') || !scan.at_end()) return {};
  return make_point(*latitude, *longitude);
}

std::optional<GeoPoint> parse_pair(std::string_view text) noexcept {
  const std::size_t comma = text.find(',');
  if (comma == std::string_view::npos) return {};
  return make_point(text.substr(0, comma), text.substr(comma + 1));
}

}  // namespace

std::optional<GeoPoint> parse_geo_point(const RawValue& raw) noexcept {
  if (raw.kind == RawValue::Kind::string) return parse_pair(raw.text);
  if (raw.kind != RawValue::Kind::json || raw.text.empty()) return {};
  return raw.text[0] == '[' ? parse_array(raw.text) : parse_object(raw.text);
}

std::optional<std::string> normalise_geo_point(const RawValue& raw) {
  const auto point = parse_geo_point(raw);
  if (!point) return {};
  std::string json = "{\"lat\":";
  append_json_real(json, point->latitude);
  json += ",\"lon\":";
  append_json_real(json, point->longitude);
  json += '}';
  return json;
}

}  // namespace iot::model
