#include "query/documents.h"

#include <optional>
#include <utility>

#include "base/json_writer.h"
#include "model/value.h"
#include "query/document.h"
#include "query/ids_filter.h"
#include "query/index_names.h"
#include "query/json_fields.h"
#include "query/walk.h"
#include "store/readings_only.h"

namespace iot::query {
namespace {

constexpr std::size_t documents_max = 10'000;

struct Wanted {
  std::string index;
  std::string id;
  SourceFilter source;
};

/// The document's source; nothing if there is none.
EsResult<std::optional<std::string>> find_source(const SearchPlace& place, const Series& series, const Wanted& wanted) {
  std::optional<std::string> found;
  const auto time = model::time_of_reading_id(wanted.id);
  if (!time) return found;
  auto cursor = place.store.scan(series.index.sensor, {*time, *time}, store::Direction::ascending);
  if (!cursor) return store_failed(cursor.error());
  const auto readings = store::readings_only(std::move(*cursor));
  while (!found) {
    const auto more = readings->next();
    if (!more) return store_failed(more.error());
    if (!*more) break;
    const auto block = readings->block();
    if (!block) return store_failed(block.error());
    for (std::size_t i = 0; i < block->size() && !found; ++i) {
      if (document_id(series, *block, i) != wanted.id) continue;
      Document document{series, block->times_ns[i], 0, 0, {}};
      if (block->kind == model::ColumnKind::real) document.real = block->reals[i];
      if (block->kind == model::ColumnKind::integer) document.integer = block->integers[i];
      if (block->kind == model::ColumnKind::text) document.text = block->texts[i];
      JsonWriter json(found.emplace());
      document.write_source(json, wanted.source, document.value_json());
    }
  }
  return found;
}

EsResult<Series> series_of(const IndexCatalog& catalog, const std::string& index) {
  const auto found = find_index(catalog, index);
  if (!found) return index_not_found(index);
  return Series(*found);
}

std::string document_json(const Wanted& wanted, const std::optional<std::string>& source) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.key("_index").string(wanted.index);
  json.key("_id").string(wanted.id);
  if (source) {
    // A reading is never changed: its first version is its only one.
    json.key("_version").integer(1);
    json.key("_seq_no").integer(0);
    json.key("_primary_term").integer(1);
  }
  json.key("found").boolean(source.has_value());
  if (source && wanted.source.shown) json.key("_source").raw(*source);
  json.end_object();
  return body;
}

EsResult<void> read_parameters(Wanted& wanted, std::string_view endpoint, const Parameters& parameters) {
  for (const auto& [name, text] : parameters) {
    if (name == "_source") {
      wanted.source.shown = text != "false";
      if (text != "true" && text != "false" && !text.empty()) wanted.source.includes = split_list(text);
    } else if (name == "_source_includes" || name == "_source_include") {
      wanted.source.includes = split_list(text);
    } else if (name == "_source_excludes" || name == "_source_exclude") {
      wanted.source.excludes = split_list(text);
    } else if (name == "stored_fields" || name == "version" || name == "version_type") {
      return illegal_argument("[" + name + "] is not supported");
    } else if (name != "realtime" && name != "refresh" && !is_common_parameter(name)) {
      return unknown_parameter(endpoint, name);
    }
  }
  return {};
}

struct Found {
  Wanted wanted;
  std::optional<std::string> source;
};

EsResult<Found> find(const SearchPlace& place, const IndexCatalog& catalog, std::string_view endpoint,
                     std::string_view index, std::string_view id, const Parameters& parameters) {
  Found found{{std::string(index), std::string(id), {}}, {}};
  ES_CHECK(read_parameters(found.wanted, endpoint, parameters));
  ES_TRY(const Series series, series_of(catalog, found.wanted.index));
  ES_TRY(found.source, find_source(place, series, found.wanted));
  return found;
}

EsResult<Wanted> read_wanted(const JsonNode& node, const Wanted& defaults) {
  Wanted wanted = defaults;
  if (!node.is_object()) {
    if (!node.is_scalar() || node.is_null()) return illegal_argument("ids array element should only contain ids");
    wanted.id = node.as_text();
    return wanted;
  }
  for (const JsonMember& member : node.members) {
    if (member.name == "_index") {
      ES_TRY(wanted.index, read_text("mget", member));
    } else if (member.name == "_id") {
      ES_TRY(wanted.id, read_text("mget", member));
    } else if (member.name == "_source") {
      ES_TRY(wanted.source, parse_source_filter(member));
    } else if (member.name != "routing" && member.name != "_routing") {
      return parsing_error(member.at, "unknown parameter [" + member.name +
                                          "] for request body or parameter is of the "
                                          "wrong type[" +
                                          std::string(member.value.token_name()) + "] ");
    }
  }
  return wanted;
}

EsResult<std::vector<Wanted>> read_all_wanted(std::string_view body, const Wanted& defaults,
                                              const QueryLimits& limits) {
  ES_TRY(const JsonNode root, parse_json(body, limits.body_depth_max));
  std::vector<Wanted> all;
  for (const JsonMember& member : root.members) {
    if ((member.name != "docs" && member.name != "ids") || !member.value.is_array()) {
      return parsing_error(member.at, "unknown key [" + member.name + "] for a " +
                                          std::string(member.value.token_name()) + ", expected [docs] or [ids]");
    }
    for (const JsonNode& item : member.value.items) {
      ES_TRY(Wanted wanted, read_wanted(item, defaults));
      all.push_back(std::move(wanted));
    }
  }
  if (all.size() > documents_max) return illegal_argument("[_mget] takes at most 10000 documents");
  std::string faults;
  std::size_t number = 0;
  const auto fault = [&](const std::string& text) { faults += " " + std::to_string(++number) + ": " + text + ";"; };
  if (all.empty()) fault("no documents to get");
  for (std::size_t i = 0; i < all.size() && number < 10; ++i) {
    if (all[i].index.empty()) fault("index is missing for doc " + std::to_string(i));
    if (all[i].id.empty()) fault("id is missing for doc " + std::to_string(i));
  }
  if (number > 0) return EsError(400, "action_request_validation_exception", "Validation Failed:" + faults);
  return all;
}

}  // namespace

EsAnswer document_answer(const SearchPlace& place, const IndexCatalog& catalog, std::string_view index,
                         std::string_view id, const Parameters& parameters) {
  const auto found = find(place, catalog, "/{index}/_doc/{id}", index, id, parameters);
  if (!found) return found.error().answer(index);
  return {found->source ? 200u : 404u, document_json(found->wanted, found->source), "application/json"};
}

EsAnswer source_answer(const SearchPlace& place, const IndexCatalog& catalog, std::string_view index,
                       std::string_view id, const Parameters& parameters) {
  const auto found = find(place, catalog, "/{index}/_source/{id}", index, id, parameters);
  if (!found) return found.error().answer(index);
  if (!found->source) {
    return es_error(404, "resource_not_found_exception",
                    "Document not found [" + std::string(index) + "]/[" + std::string(id) + "]");
  }
  if (!found->wanted.source.shown) {
    return EsError(400, "action_request_validation_exception",
                   "Validation Failed: 1: fetching source can not be disabled;")
        .answer();
  }
  return {200, *found->source, "application/json"};
}

EsAnswer multi_get_answer(const SearchPlace& place, const IndexCatalog& catalog, std::string_view default_index,
                          std::string_view body, const Parameters& parameters) {
  Wanted defaults;
  defaults.index = default_index;
  if (const auto read = read_parameters(defaults, "/_mget", parameters); !read) return read.error().answer();
  const auto all = read_all_wanted(body, defaults, place.limits);
  if (!all) return all.error().answer();
  Execution execution(place.clock, place.limits, place.cancelled, {});
  std::string docs;
  for (const Wanted& wanted : *all) {
    if (!execution.go_on())
      return EsError(503, "timeout_exception", "the _mget did not end within its deadline").answer();
    if (!docs.empty()) docs += ',';
    const std::size_t before = docs.size();
    const auto series = series_of(catalog, wanted.index);
    auto source =
        series ? find_source(place, *series, wanted) : EsResult<std::optional<std::string>>(EsError(series.error()));
    if (source) {
      docs += document_json(wanted, *source);
    } else {
      JsonWriter json(docs);
      std::string error = source.error().answer(wanted.index).body;
      // The error alone, without the status of the answer that it is not.
      error.resize(error.rfind(",\"status\":"));
      json.begin_object();
      json.key("_index").string(wanted.index);
      json.key("_id").string(wanted.id);
      json.key("error").raw(std::string_view(error).substr(std::string_view("{\"error\":").size()));
      json.end_object();
    }
    execution.charge(docs.size() - before);
    if (execution.failure()) return execution.failure()->answer();
  }
  return {200, "{\"docs\":[" + docs + "]}", "application/json"};
}

}  // namespace iot::query
