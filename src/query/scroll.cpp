#include "query/scroll.h"

#include <algorithm>
#include <utility>

#include "query/json_fields.h"
#include "query/walk.h"

namespace iot::query {
namespace {

EsError not_valid(const std::string& faults) {
  return {400, "action_request_validation_exception", "Validation Failed:" + faults};
}

/// What of a search cannot go on page after page.
EsResult<void> check_scroll(const SearchRequest& request) {
  std::string faults;
  int number = 0;
  const auto fault = [&](const char* text) { faults += " " + std::to_string(++number) + ": " + text + ";"; };
  if (request.track_total_hits != SearchRequest::track_all && request.tracks_given) {
    fault("disabling [track_total_hits] is not allowed in a scroll context");
  }
  if (request.from > 0) fault("using [from] is not allowed in a scroll context");
  if (request.size == 0) fault("[size] cannot be [0] in a scroll context");
  if (!request.search_after.empty()) fault("`search_after` cannot be used in a scroll context.");
  if (request.point_in_time) fault("using [point in time] is not allowed in a scroll context");
  if (number > 0) return not_valid(faults);
  return {};
}

/// The indices, each with the time of its newest reading: what comes later is not part of the view.
EsResult<std::vector<SearchContext::Part>> parts_of(store::ReadingStore& store, const std::vector<Series>& series) {
  std::vector<SearchContext::Part> parts;
  parts.reserve(series.size());
  for (const Series& one : series) {
    const auto info = store.info(one.index.sensor);
    if (!info) return store_failed(info.error());
    parts.push_back({one.index, info->last.value_or(Timestamp{timestamp_min.ns})});
  }
  return parts;
}

std::size_t bytes_of(const SearchContext& context, std::size_t request_bytes) {
  // A parsed request takes several times its text.
  return 1'024 + context.parts.size() * sizeof(SearchContext::Part) + request_bytes * 8;
}

/// The view's indices as the caller may see them now: a grant that has ended ends the view of it too.
EsResult<std::vector<Series>> series_of(const SearchContext& context, const IndexCatalog& catalog) {
  std::vector<Series> series;
  series.reserve(context.parts.size());
  for (const SearchContext::Part& part : context.parts) {
    const auto index = catalog.find(part.index.device, part.index.sensor);
    if (!index) return index_not_found(Series(part.index).name);
    Series& one = series.emplace_back(*index);
    one.ordinal = static_cast<std::uint32_t>(series.size() - 1);
    one.window.last = part.last;
  }
  return series;
}

/// Leaves out what lies before `after` in the order of documents.
void skip_passed(std::vector<Series>& series, const Hit& after) {
  std::erase_if(series, [&](const Series& one) { return one.ordinal < after.ordinal; });
  if (!series.empty() && series.front().ordinal == after.ordinal) series.front().window.first = {after.time_ns};
}

struct Id {
  std::string id;
  std::optional<std::chrono::milliseconds> keep_alive;
};

EsResult<Id> read_scroll_id(std::string_view id_in_path, std::string_view body, const Parameters& parameters,
                            const QueryLimits& limits) {
  Id given;
  given.id = id_in_path;
  const auto take = [&](const std::string& name, const std::string& text) -> EsResult<bool> {
    if (name == "scroll_id") {
      given.id = text;
    } else if (name == "scroll") {
      ES_TRY(given.keep_alive, parse_time_value("scroll", text));
    } else {
      return false;
    }
    return true;
  };
  for (const auto& [name, text] : parameters) {
    ES_TRY(const bool taken, take(name, text));
    if (!taken && name != "rest_total_hits_as_int" && !is_common_parameter(name)) {
      return unknown_parameter("/_search/scroll", name);
    }
  }
  if (body.find_first_not_of(" \t\r\n") == std::string_view::npos) return given;
  // In older times the body was the id itself.
  if (body.front() != '{') return given.id = body, given;
  ES_TRY(const JsonNode root, parse_json(body, limits.body_depth_max));
  for (const JsonMember& member : root.members) {
    ES_TRY(const std::string text, read_text("scroll", member));
    ES_TRY(const bool taken, take(member.name, text));
    if (!taken) {
      return illegal_argument("Unknown parameter [" + member.name +
                              "] in request body or parameter is of the wrong type[" +
                              std::string(member.value.token_name()) + "] ");
    }
  }
  return given;
}

EsAnswer freed(std::size_t count) {
  return {count > 0 ? 200u : 404u, "{\"succeeded\":true,\"num_freed\":" + std::to_string(count) + "}",
          "application/json"};
}

EsError too_busy() {
  return {429, "es_rejected_execution_exception", "another request is using this scroll"};
}

}  // namespace

EsAnswer open_scroll(const SearchPlace& place, const ContextPlace& own, const std::vector<Series>& series,
                     SearchRequest request) {
  if (const auto good = check_scroll(request); !good) return good.error().answer();
  if (const auto good = own.contexts.check_keep_alive(*request.scroll); !good) return good.error().answer();
  request.track_total_hits = SearchRequest::track_all;
  auto context = std::make_shared<SearchContext>();
  context->owner = own.owner;
  context->created = place.clock.now();
  context->keep_alive = *request.scroll;
  auto parts = parts_of(place.store, series);
  if (!parts) return parts.error().answer(series.empty() ? std::string_view{} : std::string_view(series.front().name));
  context->parts = std::move(*parts);
  const std::size_t request_bytes = request.text_bytes;
  context->request = std::make_shared<const SearchRequest>(std::move(request));
  auto id = own.contexts.open(context, bytes_of(*context, request_bytes));
  if (!id) return id.error().answer();
  std::vector<Series> bounded = series;
  for (std::size_t i = 0; i < bounded.size(); ++i) bounded[i].window.last = context->parts[i].last;
  SearchPage page;
  page.now = context->created;
  page.scroll_id = *id;
  page.must_be_whole = true;
  EsAnswer answer = run_search(place, bounded, *context->request, page);
  if (answer.status != 200) {
    own.contexts.close(*id, own.owner);
    return answer;
  }
  const std::lock_guard lock(context->busy);
  context->total.count = page.count;
  context->in_document_order = page.in_document_order;
  context->after = std::move(page.last);
  return answer;
}

EsAnswer next_scroll_page(const SearchPlace& place, const ContextPlace& own, const IndexCatalog& catalog,
                          std::string_view id_in_path, std::string_view body, const Parameters& parameters) {
  const auto given = read_scroll_id(id_in_path, body, parameters, place.limits);
  if (!given) return given.error().answer();
  if (given->id.empty()) return not_valid(" 1: scrollId is missing;").answer();
  if (given->keep_alive) {
    if (const auto good = own.contexts.check_keep_alive(*given->keep_alive); !good) return good.error().answer();
  }
  const auto context = own.contexts.find(given->id, own.owner, given->keep_alive);
  if (!context || !context->request) return context_missing(given->id).answer();
  // A loop must not wait for another request's search.
  const std::unique_lock lock(context->busy, std::try_to_lock);
  if (!lock) return too_busy().answer();
  auto series = series_of(*context, catalog);
  if (!series) return series.error().answer();
  place.open_objects(*series);
  SearchPage page;
  page.now = context->created;
  page.scroll_id = given->id;
  page.must_be_whole = true;
  page.total = context->total;
  page.shards = series->size();
  if (context->after) {
    page.after = &*context->after;
    if (context->in_document_order) skip_passed(*series, *context->after);
  } else {
    // The page before had no hits: nor has this one.
    series->clear();
  }
  EsAnswer answer = run_search(place, *series, *context->request, page);
  if (answer.status == 200) context->after = std::move(page.last);
  return answer;
}

EsAnswer close_scrolls(const ContextPlace& own, std::string_view id_in_path, std::string_view body,
                       const QueryLimits& limits) {
  std::vector<std::string> ids = split_list(id_in_path);
  if (body.find_first_not_of(" \t\r\n") != std::string_view::npos) {
    const auto root = parse_json(body, limits.body_depth_max);
    if (!root) return root.error().answer();
    for (const JsonMember& member : root->members) {
      if (member.name != "scroll_id") {
        return illegal_argument("Unknown parameter [" + member.name + "] in request body").answer();
      }
      auto named = read_texts("scroll", member);
      if (!named) return named.error().answer();
      ids = std::move(*named);
    }
  }
  if (ids.empty()) return not_valid(" 1: no scroll ids specified;").answer();
  std::size_t count = 0;
  for (const std::string& id : ids) {
    count += id == "_all" ? own.contexts.close_all(own.owner) : own.contexts.close(id, own.owner) ? 1 : 0;
  }
  return freed(count);
}

EsAnswer open_point_in_time(const SearchPlace& place, const ContextPlace& own, const std::vector<Series>& series,
                            const Parameters& parameters) {
  auto context = std::make_shared<SearchContext>();
  std::optional<std::chrono::milliseconds> keep_alive;
  for (const auto& [name, text] : parameters) {
    if (name == "keep_alive") {
      const auto parsed = parse_time_value("keep_alive", text);
      if (!parsed) return parsed.error().answer();
      keep_alive = *parsed;
    } else if (!is_common_parameter(name)) {
      return unknown_parameter("/{index}/_pit", name).answer();
    }
  }
  if (!keep_alive) return not_valid(" 1: [keep_alive] is not specified;").answer();
  if (const auto good = own.contexts.check_keep_alive(*keep_alive); !good) return good.error().answer();
  context->owner = own.owner;
  context->created = place.clock.now();
  context->keep_alive = *keep_alive;
  auto parts = parts_of(place.store, series);
  if (!parts) return parts.error().answer(series.empty() ? std::string_view{} : std::string_view(series.front().name));
  context->parts = std::move(*parts);
  const auto id = own.contexts.open(context, bytes_of(*context, 0));
  if (!id) return id.error().answer();
  const std::string count = std::to_string(series.size());
  return {200,
          "{\"id\":\"" + *id + "\",\"_shards\":{\"total\":" + count + ",\"successful\":" + count +
              ",\"skipped\":0,\"failed\":0}}",
          "application/json"};
}

EsAnswer close_point_in_time(const ContextPlace& own, std::string_view body, const QueryLimits& limits) {
  const auto root = parse_json(body, limits.body_depth_max);
  if (!root) return root.error().answer();
  std::string id;
  for (const JsonMember& member : root->members) {
    if (member.name != "id") return unknown_field("close_point_in_time", member).answer();
    auto text = read_text("close_point_in_time", member);
    if (!text) return text.error().answer();
    id = std::move(*text);
  }
  if (id.empty()) return illegal_argument("[id] is required").answer();
  return freed(own.contexts.close(id, own.owner) ? 1 : 0);
}

EsAnswer search_point_in_time(const SearchPlace& place, const ContextPlace& own, const IndexCatalog& catalog,
                              std::string_view expression, SearchRequest request) {
  if (!expression.empty()) {
    return not_valid(" 1: [indices] cannot be used with point in time. Do not specify any index with point in time.;")
        .answer();
  }
  const PointInTime& point = *request.point_in_time;
  if (point.keep_alive) {
    if (const auto good = own.contexts.check_keep_alive(*point.keep_alive); !good) return good.error().answer();
  }
  const auto context = own.contexts.find(point.id, own.owner, point.keep_alive);
  if (!context || context->request) return context_missing(point.id).answer();
  auto series = series_of(*context, catalog);
  if (!series) return series.error().answer();
  place.open_objects(*series);
  SearchPage page;
  page.pit_id = point.id;
  return run_search(place, *series, request, page);
}

}  // namespace iot::query
