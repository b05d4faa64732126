#include "query/query_options.h"

namespace iot::query {

EsResult<float> read_boost(std::string_view parser, const JsonMember& member) {
  ES_TRY(const double boost, read_number(parser, member));
  if (boost < 0) {
    return illegal_argument("negative [boost] are not allowed in query, use a value between 0 and 1 to deboost");
  }
  return static_cast<float>(boost);
}

EsResult<TimeZone> parse_time_zone(const std::string& text) {
  const auto zone = TimeZone::parse(text);
  if (!zone) return EsError(400, "zone_rules_exception", "Unknown time-zone ID: " + text);
  return *zone;
}

EsResult<TimeZone> read_time_zone(std::string_view parser, const JsonMember& member) {
  ES_TRY(const std::string text, read_text(parser, member));
  return parse_time_zone(text);
}

EsResult<bool> parse_operator(const std::string& text) {
  if (text == "and" || text == "AND") return true;
  if (text == "or" || text == "OR") return false;
  return illegal_argument("operator needs to be either OR or AND, but not [" + text + "]");
}

EsError query_does_not_support(std::string_view query, const JsonMember& member) {
  return parsing_error(member.value.at, "[" + std::string(query) + "] query does not support [" + member.name + "]");
}

EsError not_supported_with(std::string_view query, std::string_view option) {
  return illegal_argument("[" + std::string(query) + "] with [" + std::string(option) + "] is not supported");
}

}  // namespace iot::query
