// /api/operations and /api/settings: how the platform does its work, for admins. The numbers are those of /metrics; two
// answers make a rate.
#include <array>

#include "api/entity_json.h"
#include "api/metric_samples.h"
#include "api/pages.h"
#include "api/route.h"
#include "base/time_text.h"

namespace iot::api {
namespace {

using boost::asio::awaitable;

void write_histogram(JsonWriter& json, const MetricSamples::Histogram& histogram) {
  json.begin_object();
  json.key("count").unsigned_integer(histogram.count);
  json.key("sum_s").real(histogram.sum);
  json.key("buckets").begin_array();
  for (const auto& bucket : histogram.buckets) {
    json.begin_object();
    json.key("up_to_s").real(bucket.up_to);
    json.key("count").unsigned_integer(bucket.count);
    json.end_object();
  }
  json.end_array().end_object();
}

void write_readings(JsonWriter& json, const MetricSamples& samples) {
  json.key("readings").begin_object();
  for (const char* outcome : {"acknowledged", "refused", "failed"}) {
    json.key(std::string_view(outcome))
        .unsigned_integer(samples.count("iotplatform_ingest_readings_total", {{"outcome", outcome}}));
  }
  json.key("stored").unsigned_integer(samples.count("iotplatform_store_readings_total"));
  json.end_object();
  json.key("messages").begin_object();
  json.key("http").unsigned_integer(
      samples.count("iotplatform_http_requests_total", {{"listener", "http"}, {"status", "2xx"}}));
  json.key("websocket").unsigned_integer(samples.count("iotplatform_websocket_messages_total"));
  json.key("mqtt").unsigned_integer(samples.count("iotplatform_mqtt_publications_received"));
  json.end_object();
}

/// What was refused, where and why. Those that cannot happen here, because the protocol is not served, are 0.
void write_refused(JsonWriter& json, const MetricSamples& samples) {
  struct Refused {
    const char* protocol;
    const char* reason;
    const char* metric;
  };
  static constexpr std::array<Refused, 10> all{{
      {"http", "unauthorized", "iotplatform_http_gateway_unauthorized_total"},
      {"http", "bad_message", "iotplatform_http_gateway_bad_messages_total"},
      {"http", "rate_limited", "iotplatform_http_gateway_rate_limited_total"},
      {"websocket", "unauthorized", "iotplatform_websocket_gateway_unauthorized_total"},
      {"websocket", "bad_message", "iotplatform_websocket_gateway_bad_messages_total"},
      {"websocket", "rate_limited", "iotplatform_websocket_gateway_rate_limited_total"},
      {"mqtt", "unauthorized", "iotplatform_mqtt_unauthorized_total"},
      {"mqtt", "bad_message", "iotplatform_mqtt_bad_messages_total"},
      {"mqtt", "protocol_error", "iotplatform_mqtt_protocol_errors_total"},
      {"elasticsearch", "bad_message", "iotplatform_bulk_items_refused_total"},
  }};
  const auto write = [&](std::string_view protocol, std::string_view reason, std::uint64_t count) {
    json.begin_object();
    json.key("protocol").string(protocol);
    json.key("reason").string(reason);
    json.key("count").unsigned_integer(count);
    json.end_object();
  };
  json.key("refused").begin_array();
  for (const Refused& one : all) write(one.protocol, one.reason, samples.count(one.metric));
  for (const auto& sample : samples.all()) {
    if (sample.name != "iotplatform_gateway_limited_total") continue;
    write("all", sample.label("limit"), static_cast<std::uint64_t>(sample.value));
  }
  write("all", "log_full", samples.count("iotplatform_log_overloads_total"));
  json.end_array();
}

void write_engines(JsonWriter& json, const MetricSamples& samples, const registry::Snapshot& things) {
  const auto count = [&](const char* name, const char* metric) {
    json.key(std::string_view(name)).unsigned_integer(samples.count(metric));
  };
  json.key("log").begin_object();
  count("bytes", "iotplatform_log_bytes");
  count("segments", "iotplatform_log_segments");
  count("last_position", "iotplatform_log_last_position");
  json.key("healthy").boolean(samples.count("iotplatform_log_healthy") != 0);
  count("failures", "iotplatform_log_failures_total");
  json.end_object();
  json.key("store").begin_object();
  count("bytes", "iotplatform_store_disk_bytes");
  count("applied_position", "iotplatform_store_applied_position");
  count("heads", "iotplatform_store_heads");
  count("head_bytes", "iotplatform_store_head_bytes");
  count("cache_bytes", "iotplatform_store_cache_bytes");
  count("chunks_written", "iotplatform_store_chunks_written_total");
  count("damaged_chunks", "iotplatform_store_damaged_chunks_total");
  count("failures", "iotplatform_store_failures_total");
  json.end_object();
  json.key("things").begin_object();
  json.key("users").unsigned_integer(things.users.size());
  json.key("devices").unsigned_integer(things.devices.size());
  json.key("sensors").unsigned_integer(things.sensors.size());
  json.key("consumers").unsigned_integer(things.consumers.size());
  count("devices_silent", "iotplatform_devices_silent");
  json.end_object();
}

void write_connections(JsonWriter& json, const MetricSamples& samples) {
  const auto of_listener = [&](const char* listener) {
    return samples.count("iotplatform_http_connections", {{"listener", listener}});
  };
  json.key("connections").begin_object();
  json.key("core").unsigned_integer(of_listener("core") + of_listener("dashboards") + of_listener("jobs"));
  json.key("http").unsigned_integer(of_listener("http"));
  json.key("query").unsigned_integer(of_listener("query"));
  // Those that have become WebSockets: before that they are HTTP's, of no concern here.
  json.key("websocket").unsigned_integer(samples.count("iotplatform_websocket_connections"));
  json.key("mqtt").unsigned_integer(samples.count("iotplatform_mqtt_connected"));
  json.end_object();
}

void write_queries(JsonWriter& json, const MetricSamples& samples) {
  json.key("queries").begin_object();
  json.key("answered").unsigned_integer(samples.count("iotplatform_query_requests_total"));
  json.key("failed").unsigned_integer(samples.count("iotplatform_query_failures_total"));
  json.key("refused").unsigned_integer(samples.count("iotplatform_api_queries_refused_total"));
  json.key("duration");
  write_histogram(json, samples.histogram("iotplatform_query_duration_seconds"));
  json.end_object();
}

void write_disk(JsonWriter& json, const ProgramFacts& facts) {
  json.key("disk").begin_object();
  json.key("used_bytes").unsigned_integer(facts.data_bytes);
  json.key("free_bytes").unsigned_integer(facts.disk_free_bytes);
  json.key("size_bytes").unsigned_integer(facts.disk_bytes);
  json.key("budget_bytes");
  if (facts.data_bytes_max > 0) {
    json.unsigned_integer(facts.data_bytes_max);
  } else {
    json.null();
  }
  json.end_object();
}

struct Read {
  ProgramFacts facts;
  std::string metrics;
};

awaitable<Answer> show(Request& request) {
  const Service& service = request.service;
  IOT_CO_TRY(const Read read, co_await blocking(service, [&]() -> Result<Read> {
               Read both;
               IOT_TRY(both.facts, service.use.facts());
               both.metrics = service.use.metrics.scrape();
               return both;
             }));
  const MetricSamples samples(read.metrics);
  net::HttpResponse response;
  JsonWriter json(response.body);
  json.begin_object().key("result").begin_object();
  json.key("time").string(format_timestamp(service.use.clock.now(), FractionDigits::milliseconds));
  json.key("version").string(service.options.version);
  json.key("uptime_s").integer(read.facts.uptime.count());
  json.key("data_dir").string(read.facts.data_dir);
  json.key("memory_bytes").unsigned_integer(read.facts.memory_bytes);
  write_readings(json, samples);
  write_refused(json, samples);
  json.key("acknowledgement");
  write_histogram(json, samples.histogram("iotplatform_log_sync_seconds"));
  write_engines(json, samples, *request.snapshot);
  write_disk(json, read.facts);
  write_connections(json, samples);
  write_queries(json, samples);
  json.end_object().end_object();
  co_return response;
}

awaitable<Answer> show_settings(Request& request) {
  net::HttpResponse response;
  JsonWriter json(response.body);
  json.begin_object().key("result").begin_array();
  for (const SettingView& setting : request.service.use.settings) {
    json.begin_object();
    json.key("name").string(setting.name);
    json.key("value").string(setting.value);
    json.key("source").string(setting.source);
    json.key("default").string(setting.default_value);
    json.key("description").string(setting.meaning);
    json.key("allowed").string(setting.allowed);
    json.end_object();
  }
  json.end_array().end_object();
  co_return response;
}

}  // namespace

std::span<const Route> operation_routes() {
  using enum net::Method;
  static const std::vector<Route> routes = {
      {get,
       "/api/operations",
       "getOperations",
       Access::admin,
       "How the platform does its work: counts since its start, sizes, connections",
       show,
       {},
       "OperationsResult"},
      {get,
       "/api/settings",
       "listSettings",
       Access::admin,
       "Every effective setting and where it came from",
       show_settings,
       {},
       "SettingList"},
  };
  return routes;
}

}  // namespace iot::api
