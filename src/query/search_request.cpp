#include "query/search_request.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "query/highlight.h"
#include "query/json_fields.h"
#include "query/rounding.h"
#include "query/shown_fields.h"

namespace iot::query {
namespace {

bool is_blank(std::string_view body) {
  return body.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

EsResult<std::int64_t> not_negative(std::string_view name, std::int64_t value) {
  if (value < 0) {
    return illegal_argument("[" + std::string(name) + "] parameter cannot be negative, found [" +
                            std::to_string(value) + "]");
  }
  return value;
}

EsResult<std::chrono::milliseconds> parse_timeout(const std::string& text) {
  if (text == "-1" || text == "-1ms") return std::chrono::milliseconds::max();
  return parse_time_value("timeout", text);
}

EsResult<std::int64_t> parse_track_total_hits(const std::string& text) {
  if (text == "true") return SearchRequest::track_all;
  if (text == "false") return SearchRequest::track_none;
  const auto number = parse_whole(text);
  if (!number || *number > INT32_MAX) return not_a_number(text);
  // As Elasticsearch's own sign for "not at all".
  if (*number == -1) return SearchRequest::track_none;
  if (*number < 0) {
    return illegal_argument("[track_total_hits] parameter must be positive or equals to -1, got " + text);
  }
  return *number;
}

/// Options that are understood only where they change nothing.
EsResult<bool> take_without_effect(const JsonMember& member) {
  constexpr std::array<std::string_view, 13> only_empty{
      "suggest", "rescore", "collapse",      "knn",         "script_fields", "runtime_mappings", "ext",
      "stats",   "slice",   "indices_boost", "post_filter", "rank",          "retriever"};
  const std::string& name = member.name;
  if (name == "explain" || name == "profile") {
    ES_TRY(const bool flag, read_flag("search", member));
    if (flag) return illegal_argument("[" + name + "] is not supported");
    return true;
  }
  if (name == "highlight") {
    ES_CHECK(check_highlight(member));
    return true;
  }
  if (name == "min_score") return illegal_argument("[min_score] is not supported");
  if (name == "terminate_after") {
    ES_TRY(const std::int64_t count, read_integer("search", member));
    if (count < 0) return illegal_argument("terminateAfter must be > 0");
    if (count > 0) return illegal_argument("[terminate_after] is not supported");
    return true;
  }
  if (std::find(only_empty.begin(), only_empty.end(), name) == only_empty.end()) return false;
  // The groups of `stats` name counters of a cluster.
  if (name == "stats" && member.value.is_array()) return true;
  if (member.value.is_scalar() ? !member.value.is_null()
                               : !member.value.members.empty() || !member.value.items.empty()) {
    return illegal_argument("[" + name + "] is not supported");
  }
  return true;
}

EsResult<PointInTime> parse_point_in_time(const JsonMember& member) {
  PointInTime point;
  if (!member.value.is_object()) return wrong_kind("pit", member);
  for (const JsonMember& option : member.value.members) {
    ES_TRY(const std::string text, read_text("pit", option));
    if (option.name == "id") {
      point.id = text;
    } else if (option.name == "keep_alive") {
      ES_TRY(point.keep_alive, parse_time_value("keep_alive", text));
    } else {
      return unknown_field("pit", option);
    }
  }
  if (point.id.empty()) return illegal_argument("point int time id is not provided");
  return point;
}

/// `stored_fields`: no field is stored but `_source`, which is left out unless it is named.
struct StoredFields {
  bool given = false;
  bool none = false;
  bool source = false;

  EsResult<void> take(const std::vector<std::string>& names) {
    given = true;
    for (const std::string& name : names) {
      none = none || name == "_none_";
      source = source || name == "_source";
    }
    if (none && names.size() > 1) return illegal_argument("cannot combine _none_ with other fields");
    return {};
  }

  EsResult<void> apply(SearchRequest& request, bool source_given) const {
    if (!given) return {};
    // What is named is shown, whatever `_source` says.
    if (source || !source_given) request.source.shown = source;
    if (!none) return {};
    request.shows_id = false;
    if (source_given && request.source.shown) return invalid("if [_source] is requested");
    if (!request.fields.empty()) return invalid("when using the [fields] option");
    return {};
  }

 private:
  static EsError invalid(std::string_view when) {
    return {400, "action_request_validation_exception",
            "Validation Failed: 1: [stored_fields] cannot be disabled " + std::string(when) + ";"};
  }
};

/// Members of a search that are never objects, arrays or single values.
EsResult<void> check_kind(const JsonMember& member) {
  const JsonNode& value = member.value;
  const auto is = [&](std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), member.name) != names.end();
  };
  const bool scalar_wanted = is({"from", "size", "track_total_hits", "track_scores", "timeout"});
  const bool wrong =
      (scalar_wanted && !value.is_scalar()) || (is({"search_after", "docvalue_fields"}) && !value.is_array()) ||
      (is({"query", "aggs", "aggregations"}) && !value.is_object()) || (is({"stored_fields"}) && value.is_object());
  if (!wrong && !(value.is_null() && is({"sort", "track_total_hits", "timeout", "stored_fields"}))) return {};
  return parsing_error(value.at, "Unknown key for a " + std::string(value.token_name()) + " in [" + member.name + "].");
}

/// The names in `stored_fields`: a text, or a list of single values.
EsResult<std::vector<std::string>> read_stored_names(const JsonMember& member) {
  if (member.value.is_scalar() && !member.value.is_string()) {
    return parsing_error(member.value.at, "Expected [VALUE_STRING] or [START_ARRAY] in [stored_fields] but found [" +
                                              std::string(member.value.token_name()) + "]");
  }
  for (const JsonNode& item : member.value.items) {
    if (item.is_scalar() && !item.is_null()) continue;
    return illegal_argument("Expected text at " + std::to_string(item.at.line) + ":" + std::to_string(item.at.column) +
                            " but found " + std::string(item.token_name()));
  }
  return read_texts("stored_fields", member);
}

/// A whole number; what is behind its point is left out, as Elasticsearch does here.
EsResult<std::int64_t> read_window(const JsonMember& member) {
  if (member.value.is_string() && !parse_real(member.value.text)) return not_a_number(member.value.text);
  if (!member.value.is_number() && !member.value.is_string()) return wrong_kind("search", member);
  const auto real = parse_real(member.value.text);
  if (real && std::abs(*real) <= INT32_MAX) return static_cast<std::int64_t>(*real);
  return read_integer("search", member);
}

struct Reader {
  SearchRequest& request;
  QueryParser& queries;
  Timestamp now;
  StoredFields& stored;
  bool& source_given;

  EsResult<void> take(const JsonMember& member) {
    const std::string& name = member.name;
    ES_CHECK(check_kind(member));
    if (name == "query") {
      ES_TRY(request.query, queries.parse(member.value));
    } else if (name == "aggs" || name == "aggregations") {
      AggregationParser aggregations(queries, now);
      ES_TRY(request.aggregations, aggregations.parse(member.value));
    } else if (name == "sort") {
      ES_TRY(request.sort, parse_sort(member.value));
    } else if (name == "search_after") {
      if (!member.value.is_array()) return wrong_kind("search", member);
      if (member.value.items.empty()) return illegal_argument("Values must contains at least one value.");
      request.search_after = member.value.items;
    } else if (name == "from" || name == "size") {
      ES_TRY(const std::int64_t value, read_window(member));
      ES_TRY((name == "from" ? request.from : request.size), not_negative(name, value));
    } else if (name == "track_total_hits") {
      ES_TRY(const std::string text, read_text("search", member));
      ES_TRY(request.track_total_hits, parse_track_total_hits(text));
      request.tracks_given = true;
    } else if (name == "track_scores") {
      ES_TRY(request.track_scores, read_flag("search", member));
    } else if (name == "_source") {
      ES_TRY(request.source, parse_source_filter(member));
      source_given = true;
    } else if (name == "docvalue_fields") {
      ES_TRY(request.docvalue_fields, parse_shown_fields(member));
    } else if (name == "fields") {
      ES_TRY(request.fields, parse_shown_fields(member));
    } else if (name == "stored_fields") {
      ES_TRY(const std::vector<std::string> names, read_stored_names(member));
      ES_CHECK(stored.take(names));
    } else if (name == "version") {
      ES_TRY(request.shows_version, read_flag("search", member));
    } else if (name == "seq_no_primary_term") {
      ES_TRY(request.shows_sequence, read_flag("search", member));
    } else if (name == "pit") {
      ES_TRY(request.point_in_time, parse_point_in_time(member));
    } else if (name == "timeout") {
      ES_TRY(const std::string text, read_text("search", member));
      ES_TRY(request.timeout, parse_timeout(text));
    } else {
      ES_TRY(const bool taken, take_without_effect(member));
      if (!taken) {
        return parsing_error(member.value.at,
                             "Unknown key for a " + std::string(member.value.token_name()) + " in [" + name + "].");
      }
    }
    return {};
  }
};

EsResult<std::int64_t> integer_parameter(const std::string& name, const std::string& text) {
  const auto value = parse_whole(text);
  if (!value || *value > INT32_MAX || *value < INT32_MIN) {
    return illegal_argument("Failed to parse int parameter [" + name + "] with value [" + text + "]")
        .caused_by(not_a_number(text));
  }
  return not_negative(name, *value);
}

/// What the URL says about `_source` stands for all that the body says.
void take_source_parameters(SearchRequest& request, const Parameters& parameters) {
  constexpr std::array<std::string_view, 5> names{"_source", "_source_includes", "_source_include", "_source_excludes",
                                                  "_source_exclude"};
  const auto is_source = [&](const auto& one) {
    return std::find(names.begin(), names.end(), one.first) != names.end();
  };
  if (std::any_of(parameters.begin(), parameters.end(), is_source)) request.source = {};
}

EsResult<bool> take_parameter(SearchRequest& request, StoredFields& stored, bool& source_given, const std::string& name,
                              const std::string& text) {
  const bool flag = text.empty() || text == "true";
  source_given = source_given || name.starts_with("_source");
  if (name == "from" || name == "size") {
    ES_TRY((name == "from" ? request.from : request.size), integer_parameter(name, text));
  } else if (name == "sort") {
    ES_TRY(const SortSpec more, parse_sort_parameter(text));
    request.sort.keys.insert(request.sort.keys.end(), more.keys.begin(), more.keys.end());
  } else if (name == "track_total_hits") {
    ES_TRY(request.track_total_hits, parse_track_total_hits(text.empty() ? "true" : text));
    request.tracks_given = true;
  } else if (name == "track_scores") {
    request.track_scores = flag;
  } else if (name == "timeout") {
    ES_TRY(request.timeout, parse_timeout(text));
  } else if (name == "_source") {
    if (text == "false") {
      request.source.shown = false;
    } else if (text != "true") {
      request.source.includes = split_list(text);
    }
  } else if (name == "_source_includes" || name == "_source_include") {
    request.source.includes = split_list(text);
  } else if (name == "_source_excludes" || name == "_source_exclude") {
    request.source.excludes = split_list(text);
  } else if (name == "rest_total_hits_as_int") {
    request.form.totals_are_integers = flag;
  } else if (name == "typed_keys") {
    request.form.typed_keys = flag;
  } else if (name == "stored_fields") {
    ES_CHECK(stored.take(split_list(text)));
  } else if (name == "docvalue_fields") {
    request.docvalue_fields.clear();
    for (std::string& pattern : split_list(text)) request.docvalue_fields.push_back({std::move(pattern), {}});
    ES_CHECK(check_shown_fields_count(request.docvalue_fields.size()));
  } else if (name == "version") {
    request.shows_version = flag;
  } else if (name == "seq_no_primary_term") {
    request.shows_sequence = flag;
  } else if (name == "scroll") {
    ES_TRY(request.scroll, parse_time_value("scroll", text));
  } else if (name == "explain" || name == "terminate_after") {
    if (text != "false" && text != "0") return illegal_argument("[" + name + "] is not supported");
  } else {
    return name == "stats";
  }
  return true;
}

}  // namespace

EsResult<std::chrono::milliseconds> parse_time_value(std::string_view parameter, const std::string& text) {
  const auto ms = parse_fixed_interval_ms(text);
  if (!ms) {
    return illegal_argument("failed to parse setting [" + std::string(parameter) + "] with value [" + text +
                            "] as a time value: unit is missing or unrecognized");
  }
  return std::chrono::milliseconds(*ms);
}

EsError unknown_parameter(std::string_view endpoint, std::string_view name) {
  return illegal_argument("request [" + std::string(endpoint) + "] contains unrecognized parameter: [" +
                          std::string(name) + "]");
}

bool is_common_parameter(std::string_view name) noexcept {
  constexpr std::array<std::string_view, 17> names{"pretty",
                                                   "filter_path",
                                                   "human",
                                                   "error_trace",
                                                   "ignore_unavailable",
                                                   "allow_no_indices",
                                                   "expand_wildcards",
                                                   "ignore_throttled",
                                                   "preference",
                                                   "request_cache",
                                                   "batched_reduce_size",
                                                   "max_concurrent_shard_requests",
                                                   "pre_filter_shard_size",
                                                   "ccs_minimize_roundtrips",
                                                   "allow_partial_search_results",
                                                   "search_type",
                                                   "routing"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

namespace {

/// A total that is one number must be the whole one.
EsResult<void> check_total_form(SearchRequest& request) {
  if (!request.form.totals_are_integers || request.track_total_hits == SearchRequest::track_none ||
      request.track_total_hits == SearchRequest::track_all) {
    return {};
  }
  if (request.tracks_given) {
    return illegal_argument(
        "[rest_total_hits_as_int] can only be used if the tracking of total hits is accurate, got " +
        std::to_string(request.track_total_hits));
  }
  request.track_total_hits = SearchRequest::track_all;
  return {};
}

/// A search over a point in time has a last sort key that no two documents share, so that it can be gone on from.
EsResult<void> complete_sort(SearchRequest& request) {
  bool has_document = false;
  for (const SortKey& key : request.sort.keys) has_document = has_document || key.by == SortKey::By::shard_document;
  if (!request.point_in_time) {
    if (!has_document) return {};
    return EsError(400, "action_request_validation_exception",
                   "Validation Failed: 1: [_shard_doc] sort field cannot be used without [point in time];");
  }
  if (has_document || !request.sort.is_given()) return {};
  SortKey key;
  key.by = SortKey::By::shard_document;
  key.name = shard_document_name;
  request.sort.keys.push_back(std::move(key));
  return {};
}

}  // namespace

EsResult<SearchRequest> parse_search(std::string_view body, const Parameters& parameters, std::string_view endpoint,
                                     const QueryLimits& limits, Timestamp now) {
  SearchRequest request;
  QueryParser queries(limits.clauses_max);
  StoredFields stored;
  bool source_given = false;
  if (!is_blank(body)) {
    ES_TRY(const JsonNode root, parse_json(body, limits.body_depth_max));
    if (!root.is_object()) {
      return parsing_error(root.at, "Expected [START_OBJECT] but found [" + std::string(root.token_name()) + "]");
    }
    Reader reader{request, queries, now, stored, source_given};
    for (const JsonMember& member : root.members) ES_CHECK(reader.take(member));
  }
  ES_TRY(QueryPtr of_parameters, parse_query_parameters(parameters, limits));
  if (of_parameters) request.query = std::move(of_parameters);
  take_source_parameters(request, parameters);
  for (const auto& [name, text] : parameters) {
    if (is_query_parameter(name)) continue;
    ES_TRY(const bool taken, take_parameter(request, stored, source_given, name, text));
    if (!taken && !is_common_parameter(name)) return unknown_parameter(endpoint, name);
  }
  ES_CHECK(stored.apply(request, source_given));
  ES_CHECK(check_total_form(request));
  ES_CHECK(complete_sort(request));
  request.text_bytes = body.size();
  const auto window_max = static_cast<std::int64_t>(limits.result_window_max);
  if (request.from + request.size > window_max) {
    return illegal_argument(
               "Result window is too large, from + size must be less than or equal to: [" + std::to_string(window_max) +
               "] but was [" + std::to_string(request.from + request.size) +
               "]. See the scroll api for a more efficient way to request large data sets. This limit can be "
               "set by changing the [index.max_result_window] index level setting.")
        .on_shard();
  }
  if (!request.search_after.empty()) {
    if (request.from > 0) {
      return EsError(400, "action_request_validation_exception",
                     "Validation Failed: 1: [from] parameter must be set to 0 when [search_after] is used;");
    }
    if (!request.sort.is_given()) return illegal_argument("Sort must contain at least one field.").on_shard();
    if (request.search_after.size() != request.sort.keys.size()) {
      return illegal_argument("search_after has " + std::to_string(request.search_after.size()) +
                              " value(s) but sort has " + std::to_string(request.sort.keys.size()) + ".")
          .on_shard();
    }
  }
  return request;
}

EsResult<QueryPtr> parse_count(std::string_view body, const Parameters& parameters, const QueryLimits& limits) {
  if (is_blank(body)) return parse_query_parameters(parameters, limits);
  QueryPtr query;
  ES_TRY(const JsonNode root, parse_json(body, limits.body_depth_max));
  if (!root.is_object()) {
    return parsing_error(root.at, "Expected [START_OBJECT] but found [" + std::string(root.token_name()) + "]");
  }
  QueryParser queries(limits.clauses_max);
  for (const JsonMember& member : root.members) {
    if (member.name != "query") return parsing_error(member.at, "request does not support [" + member.name + "]");
    auto parsed = queries.parse(member.value);
    if (!parsed && parsed.error().type() == "parsing_exception") return std::move(parsed).error();
    // A count says of every other fault only that there is one, with the fault as its cause.
    if (!parsed) return parsing_error(member.value.at, "Failed to parse").caused_by(std::move(parsed).error());
    query = std::move(*parsed);
  }
  return query;
}

}  // namespace iot::query
