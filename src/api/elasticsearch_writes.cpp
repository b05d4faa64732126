#include "api/elasticsearch_writes.h"

#include <algorithm>
#include <array>
#include <span>

#include "api/bulk_answer.h"
#include "api/elasticsearch_front.h"
#include "base/json_writer.h"
#include "gateway/open_connections.h"
#include "gateway/sending_limits.h"
#include "ingest/ingestor.h"
#include "query/search_request.h"
#include "query/series.h"

namespace iot::api {

using boost::asio::awaitable;
using ingest::BulkAction;

namespace {

std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> segments;
  constexpr std::size_t segments_max = 8;
  while (!path.empty() && segments.size() < segments_max) {
    const std::size_t slash = path.find('/');
    if (slash != 0) segments.push_back(path.substr(0, slash));
    path = slash == path.npos ? std::string_view{} : path.substr(slash + 1);
  }
  return segments;
}

WriteRoute refused(std::string reason) {
  return {.kind = WriteRoute::Kind::refused, .reason = std::move(reason)};
}

/// Of /<index>/_doc, /<index>/_doc/<id>, ...
std::optional<WriteRoute> document_route_of(net::Method method, std::span<const std::string_view> segments) {
  const std::string_view endpoint = segments[1];
  const bool has_id = segments.size() == 3;
  const bool writes = method == net::Method::post || (method == net::Method::put && has_id);
  WriteRoute route{.kind = WriteRoute::Kind::document, .index = std::string(segments[0])};
  if (has_id) route.id = segments[2];
  if (endpoint == "_create") route.action = BulkAction::create;
  if (writes && (endpoint == "_doc" || (endpoint == "_create" && has_id))) return route;
  if (endpoint == "_doc" && method == net::Method::delete_ && has_id) {
    return refused("[delete] is not supported: a reading, once taken, stays until its time is over");
  }
  if (endpoint == "_update" && has_id && method == net::Method::post) {
    return refused("[update] is not supported: a reading, once taken, stays as it is");
  }
  return {};
}

/// What shippers want to set up before they send, if they are let.
bool is_set_up(std::string_view first) noexcept {
  constexpr std::array<std::string_view, 7> names{
      "_template", "_index_template", "_component_template", "_ilm", "_ingest", "_data_stream", "_slm"};
  return std::ranges::find(names, first) != names.end();
}

}  // namespace

std::optional<WriteRoute> write_route_of(net::Method method, std::string_view path) {
  const std::vector<std::string_view> segments = segments_of(path);
  if (segments.empty() || segments.size() > 3) return {};
  const bool is_put = method == net::Method::put;
  const bool is_post = method == net::Method::post;
  if (segments.back() == "_bulk" && segments.size() <= 2 && (is_put || is_post)) {
    return WriteRoute{.index = segments.size() == 2 ? std::string(segments[0]) : std::string()};
  }
  if (segments.size() == 1 && segments[0] == "_license" && method == net::Method::get) {
    return WriteRoute{.kind = WriteRoute::Kind::license};
  }
  if (is_set_up(segments[0])) {
    if (!is_put && !is_post) return {};
    return refused(
        "[" + std::string(segments[0]) +
        "] is not supported: a sensor's mapping is made with the sensor; tell the shipper to set up nothing");
  }
  if (segments[0].starts_with('_')) return {};
  if (segments.size() == 1 && is_put) {
    return WriteRoute{.kind = WriteRoute::Kind::create_index, .index = std::string(segments[0])};
  }
  if (segments.size() == 1) return {};
  return document_route_of(method, segments);
}

namespace {

/// What the parameters say, beside what changes nothing.
struct WriteParameters {
  std::string filter_path;
  std::optional<BulkAction> op_type;
};

using ParameterFault = std::optional<net::HttpResponse>;

net::HttpResponse illegal(std::string reason) {
  return elasticsearch_error(400, "illegal_argument_exception", reason);
}

net::HttpResponse json_answer(unsigned status, std::string body) {
  return elasticsearch_response({status, std::move(body), "application/json"});
}

bool is_flag(std::string_view text) noexcept {
  return text.empty() || text == "true" || text == "false";
}

/// Readings are durable and can be found before they are acknowledged, so `refresh` has nothing to add.
ParameterFault read_parameter(std::string_view path, const std::string& name, const std::string& text,
                              WriteParameters& out) {
  const auto is_not = [&](std::string_view what) {
    return illegal("[" + name + "] is [" + text + "], not " + std::string(what));
  };
  if (name == "filter_path") {
    out.filter_path = text;
  } else if (name == "refresh") {
    if (!is_flag(text) && text != "wait_for") return is_not("true, false or wait_for");
  } else if (name == "wait_for_active_shards") {
    // There is one copy.
    if (text != "all" && text != "0" && text != "1") return is_not("all, 0 or 1: there is one copy of an index");
  } else if (name == "require_alias" || name == "require_data_stream") {
    if (text != "false") return is_not("false: an index here is neither an alias nor a data stream");
  } else if (name == "pipeline") {
    if (text != "_none") return illegal("pipeline with id [" + text + "] does not exist");
  } else if (name == "op_type") {
    if (text != "index" && text != "create") return is_not("index or create");
    out.op_type = text == "create" ? BulkAction::create : BulkAction::index;
  } else if (name == "version" || name == "version_type" || name == "if_seq_no" || name == "if_primary_term") {
    return illegal("[" + name + "] is not supported: a reading has one version");
  } else if (name != "timeout" && name != "master_timeout" && name != "routing" && name != "format" &&
             name != "include_source_on_error" && name != "list_executed_pipelines" && name != "error_trace" &&
             name != "human" && name != "pretty") {
    return elasticsearch_response(query::unknown_parameter(path, name).answer());
  }
  return {};
}

std::chrono::seconds rounded_up(std::chrono::nanoseconds duration) {
  return std::max(std::chrono::ceil<std::chrono::seconds>(duration), std::chrono::seconds(1));
}

net::HttpResponse limited(const gateway::SendingLimits::Wait& wait) {
  net::HttpResponse response = elasticsearch_error(429, "es_rejected_execution_exception",
                                                   "more was sent than " + std::string(wait.limit) + " allows");
  for (auto& [name, value] : response.headers) {
    if (name == "Retry-After") value = std::to_string(rounded_up(wait.time).count());
  }
  return response;
}

net::HttpResponse refused_whole(const ingest::BulkRefusal& refusal) {
  using Kind = ingest::BulkRefusal::Kind;
  switch (refusal.kind) {
    case Kind::malformed:
      return illegal(refusal.reason);
    case Kind::empty:
      return elasticsearch_error(400, "parse_exception", refusal.reason);
    case Kind::invalid:
      return elasticsearch_error(400, "action_request_validation_exception", refusal.reason);
    case Kind::too_many:
      return elasticsearch_error(413, "content_too_long_exception", refusal.reason);
  }
  return illegal(refusal.reason);
}

/// An index is there with its sensor: whoever makes it anew is told so, which clients take for success.
net::HttpResponse create_index(std::string_view name, const TokenHolder& holder,
                               const registry::SnapshotPtr& snapshot) {
  const auto ids = ingest::parse_index_name(name);
  bool exists = false;
  if (ids && holder.kind == access::Audience::device) {
    const registry::SensorEntry* const entry = snapshot->sensors.find(ids->second);
    exists = entry && entry->device == ids->first && entry->device.value == holder.id;
  } else if (ids) {
    exists = catalog_of(holder, snapshot).find(ids->first, ids->second).has_value();
  }
  if (!exists) {
    return illegal("index [" + std::string(name) +
                   "] cannot be made here: it comes with its sensor, POST /api/devices/<device id>/sensors");
  }
  const std::string uuid = query::index_uuid(name);
  std::string uuid_json;
  std::string name_json;
  append_json_string(uuid_json, uuid);
  append_json_string(name_json, name);
  return elasticsearch_response(query::EsError(400, "resource_already_exists_exception",
                                               "index [" + std::string(name) + "/" + uuid + "] already exists")
                                    .with("index_uuid", std::move(uuid_json))
                                    .with("index", std::move(name_json))
                                    .answer());
}

/// Where there were good readings and none was taken: why. The whole request may be sent again.
const Error* common_failure(const BatchOutcomes& outcomes) {
  if (outcomes.empty()) return nullptr;
  for (const auto& outcome : outcomes) {
    if (!outcome) return nullptr;
  }
  return &*outcomes.front();
}

}  // namespace

struct ElasticsearchWrites::State {
  struct Thread {
    explicit Thread(ingest::BulkLimits limits) : decoder(limits) {}
    ingest::BulkDecoder decoder;
  };

  explicit State(Service& its_service)
      : service(its_service),
        use(its_service.use.writes),
        items_refused(its_service.use.metrics.counter("iotplatform_bulk_items_refused_total",
                                                      "Items of _bulk and _doc requests refused for what is in them")) {
    for (std::size_t i = 0; use && i < use->threads; ++i) threads.push_back(std::make_unique<Thread>(use->limits));
  }

  awaitable<net::HttpResponse> write(const net::HttpRequest& http, std::size_t thread_index, const WriteRoute& route,
                                     const TokenHolder& holder, const registry::Snapshot& snapshot);
  awaitable<BatchOutcomes> store(std::size_t thread_index, const ingest::BulkRequest& request, bool is_of_device);
  net::HttpResponse answer_document(const ingest::BulkRequest& request, const BatchOutcomes& outcomes,
                                    const query::AnswerFilter& filter) const;
  void note_refused(const ingest::BulkRequest& request, const TokenHolder& holder, Timestamp now) const;
  net::HttpResponse license() const;

  Service& service;
  const std::optional<WriteDependencies>& use;
  Counter& items_refused;
  std::vector<std::unique_ptr<Thread>> threads;
};

awaitable<net::HttpResponse> ElasticsearchWrites::State::write(const net::HttpRequest& http, std::size_t thread_index,
                                                               const WriteRoute& route, const TokenHolder& holder,
                                                               const registry::Snapshot& snapshot) {
  const Clock::Steady start = service.use.clock.steady_now();
  const Timestamp now = service.use.clock.now();
  auto parameters = net::parse_query(http.query);
  if (!parameters) co_return illegal("the query string is not percent-encoded rightly");
  WriteParameters asked;
  for (const auto& [name, text] : *parameters) {
    if (auto fault = read_parameter(http.path, name, text, asked)) co_return *std::move(fault);
  }
  const auto filter = query::AnswerFilter::parse(asked.filter_path);
  if (!filter) co_return elasticsearch_response(filter.error().answer());
  const bool is_bulk = route.kind == WriteRoute::Kind::bulk;
  if (is_bulk && asked.op_type)
    co_return illegal("[op_type] is for single documents: a _bulk request's actions say it");

  const bool is_of_device = holder.kind == access::Audience::device;
  const DeviceId sender{holder.id};
  if (is_of_device) {
    use->presence->note_request(use->first_thread + thread_index, sender, http.peer_address, now);
    if (const auto wait = use->sending->wait(sender, start)) co_return limited(*wait);
  }
  const ingest::WriteRights rights = write_rights_of(holder);
  const ingest::BulkContext context{.index = route.index, .rights = rights, .snapshot = snapshot, .arrival = now};
  ingest::BulkRequest request;
  std::optional<ingest::BulkRefusal> refusal;
  ingest::BulkDecoder& decoder = threads[thread_index]->decoder;
  if (is_bulk) {
    refusal = decoder.decode(http.body, context, request);
  } else {
    decoder.decode_document(http.body, asked.op_type.value_or(route.action), context, request);
  }
  if (is_of_device) {
    const std::size_t readings = refusal || request.batches.empty() ? 0 : request.batches[0].readings.size();
    use->sending->charge(
        sender,
        {.messages = 1, .readings = static_cast<double>(readings), .bytes = static_cast<double>(http.body.size())},
        start);
  }
  if (refusal) {
    if (is_of_device) use->presence->note_request_error(sender, refusal->reason, now);
    co_return refused_whole(*refusal);
  }
  note_refused(request, holder, now);
  const BatchOutcomes outcomes = co_await store(thread_index, request, is_of_device);
  if (const Error* failure = common_failure(outcomes))
    co_return elasticsearch_response(store_refused(*failure).answer());
  if (!is_bulk) co_return answer_document(request, outcomes, *filter);
  const auto make_answer = [&]() -> Result<std::string> {
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(service.use.clock.steady_now() - start);
    return bulk_answer(request, outcomes, took, *filter);
  };
  // The ids of more than these would keep the loop's other connections waiting for a millisecond.
  constexpr std::size_t items_on_loop_max = 2'000;
  Result<std::string> body = std::string();
  if (request.items.size() <= items_on_loop_max) {
    body = make_answer();
  } else {
    body = co_await blocking(service, make_answer);
  }
  if (!body) co_return elasticsearch_error(500, "exception", body.error().message);
  co_return json_answer(200, std::move(*body));
}

/// Each batch goes its own way; the answer waits for the last.
awaitable<BatchOutcomes> ElasticsearchWrites::State::store(std::size_t thread_index, const ingest::BulkRequest& request,
                                                           bool is_of_device) {
  BatchOutcomes outcomes(request.batches.size());
  const Clock::Steady now = service.use.clock.steady_now();
  std::vector<std::size_t> admitted;
  for (std::size_t i = 0; i < request.batches.size(); ++i) {
    const auto& [readings, bytes] = request.batches[i];
    if (!is_of_device && !use->sending->is_off()) {
      if (const auto wait = use->sending->wait(readings.device, now)) {
        outcomes[i] = make_error(log::Errc::overloaded, "more was sent for device " + readings.device.to_string() +
                                                            " than " + std::string(wait->limit) + " allows");
        continue;
      }
      const gateway::Sent sent{
          .messages = 1, .readings = static_cast<double>(readings.size()), .bytes = static_cast<double>(bytes)};
      use->sending->charge(readings.device, sent, now);
    }
    admitted.push_back(i);
  }
  if (admitted.empty()) co_return outcomes;
  std::size_t waiting = admitted.size();
  co_await net::await_callback<bool>([&](auto done) {
    for (const std::size_t i : admitted) {
      use->ingestor->submit(use->first_thread + thread_index, request.batches[i].readings,
                            [&outcomes, &waiting, i, done](const Result<log::Position>& outcome) {
                              if (!outcome) outcomes[i] = outcome.error();
                              if (--waiting == 0) done(true);
                            });
    }
  });
  co_return outcomes;
}

net::HttpResponse ElasticsearchWrites::State::answer_document(const ingest::BulkRequest& request,
                                                              const BatchOutcomes& outcomes,
                                                              const query::AnswerFilter& filter) const {
  const ingest::BulkItem& item = request.items.at(0);
  if (const auto why = error_of(request, item, outcomes)) return elasticsearch_response(why->answer());
  const std::string id = id_of(request.batches[item.batch].readings, item.reading);
  net::HttpResponse response = json_answer(201, document_answer(item.index, id, filter));
  response.headers.emplace_back("Location", "/" + std::string(item.index) + "/_doc/" + id);
  return response;
}

void ElasticsearchWrites::State::note_refused(const ingest::BulkRequest& request, const TokenHolder& holder,
                                              Timestamp now) const {
  if (request.faults.empty()) return;
  items_refused.Increment(static_cast<double>(request.faults.size()));
  if (holder.kind != access::Audience::device) return;
  std::string text = request.faults.front().reason;
  if (request.faults.size() > 1) text += " (and " + std::to_string(request.faults.size() - 1) + " more)";
  use->presence->note_request_error(DeviceId{holder.id}, text, now);
}

/// Logstash and Beats send nothing before they have seen one that is active.
net::HttpResponse ElasticsearchWrites::State::license() const {
  std::string body;
  JsonWriter json(body);
  json.begin_object().key("license").begin_object();
  json.key("status").string("active").key("uid").string("00000000-0000-0000-0000-000000000000");
  json.key("type").string("basic").key("issue_date").string("1970-01-01T00:00:00.000Z");
  json.key("issue_date_in_millis").integer(0).key("max_nodes").integer(1);
  json.key("issued_to")
      .string("iotplatform")
      .key("issuer")
      .string("iotplatform")
      .key("start_date_in_millis")
      .integer(0);
  json.end_object().end_object();
  return json_answer(200, std::move(body));
}

ElasticsearchWrites::ElasticsearchWrites(Service& service) : state_(std::make_unique<State>(service)) {}
ElasticsearchWrites::~ElasticsearchWrites() = default;

awaitable<net::HttpResponse> ElasticsearchWrites::answer(const net::HttpRequest& http, std::size_t thread_index,
                                                         WriteRoute route, TokenHolder holder,
                                                         registry::SnapshotPtr snapshot) {
  if (auto refusal = refuse_media_types(http)) co_return *std::move(refusal);
  net::HttpResponse response;
  switch (route.kind) {
    case WriteRoute::Kind::license:
      response = state_->license();
      break;
    case WriteRoute::Kind::refused:
      response = illegal(route.reason);
      break;
    case WriteRoute::Kind::create_index:
      response = create_index(route.index, holder, snapshot);
      break;
    case WriteRoute::Kind::bulk:
    case WriteRoute::Kind::document:
      // GCC 12 destroys twice what a conditional expression with co_await gives.
      if (state_->use) {
        response = co_await state_->write(http, thread_index, route, holder, *snapshot);
      } else {
        response = illegal("readings are not taken here");
      }
      break;
  }
  name_media_type(http, response);
  co_return response;
}

}  // namespace iot::api
