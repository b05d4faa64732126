#include "query/json_fields.h"

#include <charconv>
#include <cmath>

#include "model/number_text.h"

namespace iot::query {
namespace {

std::string bracketed(std::string_view text) {
  return "[" + std::string(text) + "]";
}

}  // namespace

EsError unknown_field(std::string_view parser, const JsonMember& member) {
  return content_error(member.at, bracketed(parser) + " unknown field " + bracketed(member.name));
}

EsError failed_field(std::string_view parser, const JsonMember& member, EsError cause) {
  return failed_inside(parser, member, member.value.at, std::move(cause));
}

EsError failed_inside(std::string_view parser, const JsonMember& member, Position at, EsError cause) {
  return content_error(at, bracketed(parser) + " failed to parse field " + bracketed(member.name))
      .caused_by(std::move(cause));
}

EsError wrong_kind(std::string_view parser, const JsonMember& member) {
  return content_error(member.value.at, bracketed(parser) + " " + member.name + " doesn't support values of type: " +
                                            std::string(member.value.token_name()));
}

EsResult<std::string> read_text(std::string_view parser, const JsonMember& member) {
  if (!member.value.is_scalar() || member.value.is_null()) return wrong_kind(parser, member);
  return member.value.as_text();
}

EsResult<bool> read_flag(std::string_view parser, const JsonMember& member) {
  const std::string text = member.value.as_text();
  if (!member.value.is_boolean() && !member.value.is_string()) return wrong_kind(parser, member);
  // An empty text is no flag, which Elasticsearch takes for false.
  if (text != "true" && text != "false" && !text.empty()) {
    return failed_field(
        parser, member,
        illegal_argument("Failed to parse value [" + text + "] as only [true] or [false] are allowed."));
  }
  return text == "true";
}

std::optional<double> parse_real(std::string_view text) noexcept {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (stop != end || text.empty() || !std::isfinite(value)) return {};
  if (error == std::errc::result_out_of_range) {
    // from_chars leaves the value alone. Too small for a double is 0, as Java reads it; too large is not finite.
    const auto number = model::parse_decimal(text);
    return number ? model::nearest_double(*number) : std::nullopt;
  }
  if (error != std::errc{}) return {};
  return value;
}

std::optional<std::int64_t> parse_whole(std::string_view text) noexcept {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end) return {};
  return value;
}

EsError not_a_number(std::string_view text) {
  if (text.empty()) return {400, "number_format_exception", "empty String"};
  return {400, "number_format_exception", "For input string: \"" + std::string(text) + "\""};
}

EsResult<double> read_number(std::string_view parser, const JsonMember& member) {
  if (!member.value.is_number() && !member.value.is_string()) return wrong_kind(parser, member);
  const auto value = parse_real(member.value.text);
  if (!value) return failed_field(parser, member, not_a_number(member.value.text));
  return *value;
}

EsResult<std::int64_t> read_integer(std::string_view parser, const JsonMember& member) {
  if (!member.value.is_number() && !member.value.is_string()) return wrong_kind(parser, member);
  std::optional<std::int64_t> value = parse_whole(member.value.text);
  if (!value) {
    const auto real = parse_real(member.value.text);
    if (!real) return failed_field(parser, member, not_a_number(member.value.text));
    if (*real != std::trunc(*real)) {
      return failed_field(parser, member,
                          illegal_argument(member.value.text + " cannot be converted to Integer without data loss"));
    }
    value = *real > 1e10 ? 10'000'000'000 : *real < -1e10 ? -10'000'000'000 : static_cast<std::int64_t>(*real);
  }
  if (*value > INT32_MAX || *value < INT32_MIN) {
    return failed_field(
        parser, member,
        illegal_argument("Numeric value (" + member.value.text + ") out of range of int (-2147483648 - 2147483647)"));
  }
  return *value;
}

EsResult<std::vector<std::string>> read_texts(std::string_view parser, const JsonMember& member) {
  std::vector<std::string> texts;
  if (!member.value.is_array()) {
    ES_TRY(std::string text, read_text(parser, member));
    texts.push_back(std::move(text));
    return texts;
  }
  for (const JsonNode& item : member.value.items) {
    if (!item.is_scalar() || item.is_null()) return wrong_kind(parser, member);
    texts.push_back(item.as_text());
  }
  return texts;
}

}  // namespace iot::query
