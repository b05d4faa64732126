#include "bench/report.h"

#include <cstdarg>
#include <cstdio>

#include "base/json_writer.h"

namespace iot::bench {
namespace {

[[gnu::format(printf, 2, 3)]] void add_line(std::string& out, const char* format, ...) {
  char line[256];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  out.append(line).append("\n");
}

double ms(std::int64_t ns) noexcept {
  return static_cast<double>(ns) / 1e6;
}

void add_latency(std::string& out, const char* name, const LatencyHistogram& latency) {
  if (latency.count() == 0) return;
  add_line(out, "%-18s p50 %.3f ms  p90 %.3f ms  p99 %.3f ms  p99.9 %.3f ms  max %.3f ms", name,
           ms(latency.quantile_ns(0.5)), ms(latency.quantile_ns(0.9)), ms(latency.quantile_ns(0.99)),
           ms(latency.quantile_ns(0.999)), ms(latency.max_ns()));
}

void add_latency(JsonWriter& json, const char* name, const LatencyHistogram& latency) {
  if (latency.count() == 0) return;
  json.key(std::string_view(name)).begin_object();
  json.key("count").unsigned_integer(latency.count());
  json.key("p50").real(ms(latency.quantile_ns(0.5)));
  json.key("p90").real(ms(latency.quantile_ns(0.9)));
  json.key("p99").real(ms(latency.quantile_ns(0.99)));
  json.key("p99_9").real(ms(latency.quantile_ns(0.999)));
  json.key("max").real(ms(latency.max_ns()));
  json.key("mean").real(latency.mean_ns() / 1e6);
  json.end_object();
}

/// What the run was for: messages that were taken, or deliveries where there are subscribers.
std::uint64_t counted(const Report& report) noexcept {
  return report.options.subscribers > 0 ? report.tally.delivered : report.tally.taken;
}

double rate(std::uint64_t count, double seconds) noexcept {
  return seconds > 0 ? static_cast<double>(count) / seconds : 0;
}

void add_load(std::string& out, const Report& report) {
  const auto& tally = report.tally;
  const auto readings = static_cast<double>(report.options.readings_per_message);
  add_line(out, "%-18s %.0f messages a second, %.0f readings a second, for %.2f s", "taken",
           rate(tally.taken, report.seconds), rate(tally.taken, report.seconds) * readings, report.seconds);
  add_line(out, "%-18s %llu sent, %llu taken, %llu refused, %llu unanswered", "messages",
           static_cast<unsigned long long>(tally.sent), static_cast<unsigned long long>(tally.taken),
           static_cast<unsigned long long>(tally.refused), static_cast<unsigned long long>(tally.unanswered));
  if (report.options.subscribers > 0) {
    add_line(out, "%-18s %llu, %.0f a second, to %zu subscribers", "deliveries",
             static_cast<unsigned long long>(tally.delivered), rate(tally.delivered, report.seconds),
             report.options.subscribers);
  }
  add_latency(out, "latency", tally.latency);
  add_latency(out, "delivery latency", tally.delivery);
}

void add_load(JsonWriter& json, const Report& report) {
  const auto& tally = report.tally;
  json.key("seconds").real(report.seconds);
  json.key("sent").unsigned_integer(tally.sent);
  json.key("taken").unsigned_integer(tally.taken);
  json.key("refused").unsigned_integer(tally.refused);
  json.key("unanswered").unsigned_integer(tally.unanswered);
  json.key("readings").unsigned_integer(tally.taken * report.options.readings_per_message);
  json.key("messages_per_s").real(rate(tally.taken, report.seconds));
  if (report.options.subscribers > 0) {
    json.key("delivered").unsigned_integer(tally.delivered);
    json.key("deliveries_per_s").real(rate(tally.delivered, report.seconds));
  }
  add_latency(json, "latency_ms", tally.latency);
  add_latency(json, "delivery_latency_ms", tally.delivery);
}

}  // namespace

bool Report::is_good() const noexcept {
  return tally.refused == 0 && tally.unanswered == 0 && tally.faults.empty() &&
         (!verification || verification->is_good());
}

std::string as_text(const Report& report) {
  const auto& options = report.options;
  std::string out;
  add_line(out, "%-18s %s to %s, %zu connections, open after %.3f s", "bench", options.protocol.c_str(),
           options.address.c_str(), options.connection_count(), report.open_seconds);
  if (report.tally.sent > 0) add_load(out, report);
  if (report.idle) {
    add_line(out, "%-18s %lld bytes a connection, %lld of them allocated memory", "memory",
             static_cast<long long>(report.idle->resident_bytes_each),
             static_cast<long long>(report.idle->anonymous_bytes_each));
  }
  if (report.reconnect_seconds) add_line(out, "%-18s all back after %.3f s", "reconnect", *report.reconnect_seconds);
  if (report.server_cpu_s && counted(report) > 0) {
    add_line(out, "%-18s %.2f CPU s, %.2f us each, %.0f each CPU second", "server", *report.server_cpu_s,
             *report.server_cpu_s * 1e6 / static_cast<double>(counted(report)),
             rate(counted(report), *report.server_cpu_s));
  }
  add_line(out, "%-18s %.2f CPU s", "load generator", report.own_cpu_s);
  for (const auto& [name, count] : report.tally.faults) {
    add_line(out, "%-18s %s: %llu", "fault", name.c_str(), static_cast<unsigned long long>(count));
  }
  if (report.verification) {
    const auto& found = *report.verification;
    add_line(out, "%-18s %s: %llu readings stored, %llu acknowledged, %llu sent", "verified",
             found.is_good() ? "good" : "WRONG", static_cast<unsigned long long>(found.stored),
             static_cast<unsigned long long>(found.acknowledged), static_cast<unsigned long long>(found.sent));
  }
  return out;
}

std::string as_json(const Report& report) {
  const auto& options = report.options;
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key("protocol").string(options.protocol);
  json.key("address").string(options.address);
  json.key("connections").unsigned_integer(options.connection_count());
  json.key("window").unsigned_integer(options.window);
  if (options.protocol_kind() == Protocol::mqtt) json.key("qos").unsigned_integer(options.qos);
  json.key("open_s").real(report.open_seconds);
  if (report.tally.sent > 0) add_load(json, report);
  if (report.idle) {
    json.key("resident_bytes_per_connection").integer(report.idle->resident_bytes_each);
    json.key("allocated_bytes_per_connection").integer(report.idle->anonymous_bytes_each);
  }
  if (report.reconnect_seconds) json.key("reconnect_s").real(*report.reconnect_seconds);
  if (report.server_cpu_s) {
    json.key("server_cpu_s").real(*report.server_cpu_s);
    if (counted(report) > 0) {
      json.key("server_cpu_us_each").real(*report.server_cpu_s * 1e6 / static_cast<double>(counted(report)));
      json.key("each_server_cpu_s").real(rate(counted(report), *report.server_cpu_s));
    }
  }
  json.key("own_cpu_s").real(report.own_cpu_s);
  json.key("faults").begin_object();
  for (const auto& [name, count] : report.tally.faults) json.key(name).unsigned_integer(count);
  json.end_object();
  if (report.verification) {
    json.key("verified").begin_object();
    json.key("good").boolean(report.verification->is_good());
    json.key("stored").unsigned_integer(report.verification->stored);
    json.key("acknowledged").unsigned_integer(report.verification->acknowledged);
    json.key("sent").unsigned_integer(report.verification->sent);
    json.end_object();
  }
  json.end_object();
  return out;
}

}  // namespace iot::bench
