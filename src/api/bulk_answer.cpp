#include "api/bulk_answer.h"

#include <array>

#include "base/json_writer.h"
#include "model/entities.h"

namespace iot::api {
namespace {

using ingest::BulkFault;
using ingest::BulkItem;

/// The members of an item, by path. Those of `error` beside type and reason come and go with both.
enum Member : std::size_t {
  index_name,
  id,
  version,
  result,
  shards_total,
  shards_successful,
  shards_failed,
  seq_no,
  primary_term,
  status,
  error_type,
  error_reason,
  member_count
};
constexpr std::array<std::array<std::string_view, 2>, member_count> member_paths{{{"_index"},
                                                                                  {"_id"},
                                                                                  {"_version"},
                                                                                  {"result"},
                                                                                  {"_shards", "total"},
                                                                                  {"_shards", "successful"},
                                                                                  {"_shards", "failed"},
                                                                                  {"_seq_no"},
                                                                                  {"_primary_term"},
                                                                                  {"status"},
                                                                                  {"error", "type"},
                                                                                  {"error", "reason"}}};

/// Which members of an item, or of a document's answer, are wanted.
class Wanted {
 public:
  Wanted(const query::AnswerFilter& filter, std::span<const std::string_view> above) {
    for (std::size_t i = 0; i < member_count; ++i) {
      std::vector<std::string_view> path(above.begin(), above.end());
      for (const std::string_view name : member_paths[i]) {
        if (!name.empty()) path.push_back(name);
      }
      shows_[i] = filter.shows(path);
    }
  }
  bool operator[](Member member) const noexcept { return shows_[member]; }

 private:
  std::array<bool, member_count> shows_{};
};

void write_shards(JsonWriter& json, const Wanted& wanted) {
  if (!wanted[shards_total] && !wanted[shards_successful] && !wanted[shards_failed]) return;
  json.key("_shards").begin_object();
  if (wanted[shards_total]) json.key("total").integer(1);
  if (wanted[shards_successful]) json.key("successful").integer(1);
  if (wanted[shards_failed]) json.key("failed").integer(0);
  json.end_object();
}

/// A reading is never changed, so it has one version, and nothing to compare with that.
void write_stored(JsonWriter& json, std::string_view index, std::string_view id_text, const Wanted& wanted) {
  if (wanted[index_name]) json.key("_index").string(index);
  if (wanted[id]) json.key("_id").string(id_text);
  if (wanted[version]) json.key("_version").integer(1);
  if (wanted[result]) json.key("result").string("created");
  write_shards(json, wanted);
  if (wanted[seq_no]) json.key("_seq_no").integer(0);
  if (wanted[primary_term]) json.key("_primary_term").integer(1);
}

void write_refused(JsonWriter& json, const BulkItem& item, const query::EsError& why, const Wanted& wanted) {
  if (wanted[index_name]) json.key("_index").string(item.index);
  if (wanted[id]) {
    json.key("_id");
    item.id.empty() ? json.null() : json.string(item.id);
  }
  if (wanted[status]) json.key("status").unsigned_integer(why.status());
  if (wanted[error_type] && wanted[error_reason]) {
    std::string object;
    why.append_object(object);
    json.key("error").raw(object);
  } else if (wanted[error_type]) {
    json.key("error").begin_object().key("type").string(why.type()).end_object();
  } else if (wanted[error_reason]) {
    json.key("error").begin_object().key("reason").string(why.reason()).end_object();
  }
}

query::EsError error_of_fault(const BulkFault& fault, std::string_view index) {
  switch (fault.kind) {
    case BulkFault::Kind::bad_document:
      return {400, "document_parsing_exception", fault.reason};
    case BulkFault::Kind::bad_action:
      return {400, "illegal_argument_exception", fault.reason};
    case BulkFault::Kind::no_such_index: {
      std::string name;
      append_json_string(name, index);
      return query::EsError(404, "index_not_found_exception", fault.reason)
          .with("index_uuid", "\"_na_\"")
          .with("index", std::move(name));
    }
    case BulkFault::Kind::forbidden:
      return {403, "security_exception", fault.reason};
  }
  return {500, "exception", "an unknown fault"};
}

}  // namespace

query::EsError store_refused(const Error& error) {
  const Failure failure = failure_of(error);
  if (failure == Failure::too_large) return {413, "content_too_long_exception", error.message};
  // Of what is broken inside, senders need to know no more than that they should try again.
  const bool is_known = failure == Failure::unavailable || failure == Failure::too_many;
  return {429, "es_rejected_execution_exception",
          is_known ? error.message : "the readings could not be stored; send them again"};
}

std::optional<query::EsError> error_of(const ingest::BulkRequest& request, const BulkItem& item,
                                       const BatchOutcomes& outcomes) {
  if (item.fault != BulkItem::none) return error_of_fault(request.faults[item.fault], item.index);
  if (outcomes[item.batch]) return store_refused(*outcomes[item.batch]);
  return {};
}

std::string id_of(const model::ReadingBatch& batch, std::size_t reading) {
  std::string value;
  const model::MappingType mapping = batch.mapping(reading);
  switch (model::column_kind(mapping)) {
    case model::ColumnKind::real:
      model::append_value_json(value, mapping, batch.real(reading));
      break;
    case model::ColumnKind::integer:
      model::append_value_json(value, mapping, batch.integer(reading));
      break;
    case model::ColumnKind::text:
      model::append_value_json(value, mapping, batch.text(reading));
      break;
  }
  return model::reading_id(batch.sensor(reading), batch.time(reading), value);
}

std::string bulk_answer(const ingest::BulkRequest& request, const BatchOutcomes& outcomes,
                        std::chrono::milliseconds took, const query::AnswerFilter& filter) {
  std::vector<Wanted> wanted;
  for (const auto action : {ingest::BulkAction::index, ingest::BulkAction::create, ingest::BulkAction::update,
                            ingest::BulkAction::remove}) {
    const std::array<std::string_view, 2> above{"items", to_string(action)};
    wanted.emplace_back(filter, above);
  }
  std::string items;
  bool errors = false;
  for (const BulkItem& item : request.items) {
    const Wanted& shows = wanted[static_cast<std::size_t>(item.action)];
    const std::size_t before = items.size();
    if (before > 0) items += ',';
    items += "{\"";
    items += to_string(item.action);
    items += "\":";
    const std::size_t opened = items.size();
    JsonWriter json(items);
    json.begin_object();
    if (const auto why = error_of(request, item, outcomes)) {
      errors = true;
      write_refused(json, item, *why, shows);
    } else {
      const auto& readings = request.batches[item.batch].readings;
      write_stored(json, item.index, shows[id] ? id_of(readings, item.reading) : std::string(), shows);
      if (shows[status]) json.key("status").integer(201);
    }
    json.end_object();
    // Of an item nothing of which is wanted there is nothing.
    if (items.size() - opened == 2) {
      items.resize(before);
    } else {
      items += '}';
    }
  }
  const auto shows = [&](std::string_view name) { return filter.shows(std::array<std::string_view, 1>{name}); };
  std::string body;
  body.reserve(items.size() + 64);
  JsonWriter json(body);
  json.begin_object();
  if (shows("errors")) json.key("errors").boolean(errors);
  if (shows("took")) json.key("took").integer(took.count());
  if (!items.empty()) json.key("items").raw("[" + items + "]");
  json.end_object();
  return body;
}

std::string document_answer(std::string_view index, std::string_view id_text, const query::AnswerFilter& filter) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  write_stored(json, index, id_text, Wanted(filter, {}));
  json.end_object();
  return body;
}

}  // namespace iot::api
