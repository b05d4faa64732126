#include "query/multi_search.h"

#include <string>

#include "base/json_writer.h"
#include "query/json_fields.h"

namespace iot::query {
namespace {

constexpr std::size_t searches_max = 1'000;

struct Header {
  std::string expression;
  IndexOptions options;
};

std::string_view take_line(std::string_view& body) {
  const auto end = body.find('\n');
  const std::string_view line = body.substr(0, end);
  body = end == std::string_view::npos ? std::string_view{} : body.substr(end + 1);
  return line;
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

EsResult<Header> parse_header(std::string_view line, const Header& defaults, const QueryLimits& limits) {
  Header header = defaults;
  if (is_blank(line)) return header;
  ES_TRY(const JsonNode root, parse_json(line, limits.body_depth_max));
  if (!root.is_object()) return illegal_argument("Malformed action/metadata line, expected START_OBJECT");
  for (const JsonMember& member : root.members) {
    if (member.name == "index" || member.name == "indices") {
      ES_TRY(const std::vector<std::string> names, read_texts("msearch", member));
      header.expression.clear();
      for (const std::string& name : names) header.expression += (header.expression.empty() ? "" : ",") + name;
    } else if (member.name == "ignore_unavailable" || member.name == "allow_no_indices") {
      ES_TRY(const bool flag, read_flag("msearch", member));
      ES_CHECK(take_index_option(header.options, member.name, flag ? "true" : "false"));
    } else if (member.name == "expand_wildcards") {
      ES_TRY(const std::vector<std::string> words, read_texts("msearch", member));
      std::string list;
      for (const std::string& word : words) list += word + ",";
      ES_CHECK(take_index_option(header.options, member.name, list));
    } else if (!is_common_parameter(member.name)) {
      return illegal_argument("key [" + member.name + "] is not supported in the metadata section");
    }
  }
  return header;
}

EsAnswer one_search(const SearchPlace& place, const IndexCatalog& catalog, const Header& header, std::string_view body,
                    const Parameters& parameters) {
  auto series = resolve_indices(catalog, header.expression, header.options);
  if (!series) return series.error().answer();
  place.open_objects(*series);
  const auto request = parse_search(body, parameters, "/_msearch", place.limits, place.clock.now());
  if (!request)
    return request.error().answer(series->empty() ? std::string_view{} : std::string_view(series->front().name));
  if (request->point_in_time) return illegal_argument("[pit] in [_msearch] is not supported").answer();
  return run_search(place, *series, *request);
}

}  // namespace

EsAnswer run_multi_search(const SearchPlace& place, const IndexCatalog& catalog, std::string_view default_expression,
                          std::string_view body, const Parameters& parameters) {
  const Clock::Steady start = place.clock.steady_now();
  Parameters passed_on;
  Header defaults;
  defaults.expression = default_expression;
  defaults.options.indices_max = place.limits.indices_max;
  for (const auto& [name, text] : parameters) {
    const auto taken = take_index_option(defaults.options, name, text);
    if (!taken) return taken.error().answer();
    if (name == "typed_keys" || name == "rest_total_hits_as_int") {
      passed_on.emplace_back(name, text);
    } else if (name != "max_concurrent_searches" && !is_common_parameter(name)) {
      return unknown_parameter("/_msearch", name).answer();
    }
  }
  if (!body.empty() && !body.ends_with('\n')) {
    return illegal_argument("The msearch request must be terminated by a newline [\\n]").answer();
  }
  std::string responses;
  std::size_t count = 0;
  std::size_t bytes = 0;
  while (body.find_first_not_of(" \t\r\n") != std::string_view::npos) {
    if (++count > searches_max) return illegal_argument("[_msearch] takes at most 1000 searches").answer();
    const std::string_view head = take_line(body);
    const std::string_view search_body = take_line(body);
    const auto header = parse_header(head, defaults, place.limits);
    if (!header) return header.error().answer();
    const bool too_late = place.clock.steady_now() - start >= place.limits.deadline;
    const EsAnswer answer =
        too_late ? EsError(503, "timeout_exception", "the deadline of the whole _msearch has passed").answer()
                 : one_search(place, catalog, *header, search_body, passed_on);
    bytes += answer.body.size();
    if (bytes > place.limits.memory_bytes_max) {
      return EsError(429, "circuit_breaking_exception",
                     "[request] the answers of one _msearch are larger than the limit")
          .answer();
    }
    if (!responses.empty()) responses += ',';
    responses += answer.body;
    if (answer.status == 200) {
      responses.pop_back();
      responses += ",\"status\":200}";
    }
  }
  if (count == 0) {
    return EsError(400, "action_request_validation_exception", "Validation Failed: 1: no requests added;").answer();
  }
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(place.clock.steady_now() - start).count();
  return {200, "{\"took\":" + std::to_string(took) + ",\"responses\":[" + responses + "]}", "application/json"};
}

}  // namespace iot::query
