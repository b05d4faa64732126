// /api/devices/:device_id/sensors/:sensor_id/readings: a sensor's readings as rows.
#include "api/accept.h"
#include "api/caller.h"
#include "api/row_answers.h"
#include "base/time_text.h"
#include "query/row_request.h"

namespace iot::api {
namespace {

using boost::asio::awaitable;

std::optional<Timestamp> read_time(const Request& request, std::string_view name, std::vector<Fault>& faults) {
  const std::string* text = find_parameter(request.query, name);
  if (!text) return {};
  const auto time = parse_rfc3339(*text);
  if (!time) faults.push_back({"is a moment as RFC 3339 has it, such as 2018-05-19T08:19:27Z", std::string(name)});
  return time;
}

/// Whether the parameter is `second` of the two that it may be; `first` is the default.
bool is_second(const Request& request, std::string_view name, std::string_view first, std::string_view second,
               std::vector<Fault>& faults) {
  const std::string* text = find_parameter(request.query, name);
  if (!text || *text == first) return false;
  if (*text != second) faults.push_back({"is " + std::string(first) + " or " + std::string(second), std::string(name)});
  return true;
}

std::variant<query::RowRequest, Refusal> read_request(const Request& request, rows::Form form) {
  std::vector<Fault> faults;
  query::RowRequest wanted;
  wanted.range.first = read_time(request, "from", faults).value_or(timestamp_min);
  if (const auto to = read_time(request, "to", faults)) wanted.range.last = {to->ns - 1};
  if (is_second(request, "order", "asc", "desc", faults)) wanted.direction = store::Direction::descending;
  if (is_second(request, "timestamp", "rfc3339", "epoch_ns", faults)) wanted.times = rows::TimeText::epoch_ns;
  if (form == rows::Form::arrow && find_parameter(request.query, "timestamp")) {
    faults.push_back({"is for text; Arrow's times are none", "timestamp"});
  }
  if (const std::string* limit = find_parameter(request.query, "limit")) {
    const auto rows_max = parse_id<SensorId>(*limit);
    if (!rows_max || rows_max->value < 0) faults.push_back({"is a number of readings", "limit"});
    if (rows_max) wanted.rows_max = static_cast<std::uint64_t>(rows_max->value);
  }
  if (!faults.empty()) return invalid(std::move(faults));
  return wanted;
}

/// What the parameter `format` says, which is for links, as browsers give those no Accept; else what Accept does.
std::variant<rows::Form, Refusal> read_form(const Request& request) {
  if (const std::string* name = find_parameter(request.query, "format")) {
    if (*name == "ndjson") return rows::Form::json_lines;
    if (*name == "csv") return rows::Form::csv;
    if (*name == "arrow") return rows::Form::arrow;
    return invalid("is ndjson, csv or arrow", "format");
  }
  if (const auto form = rows_wanted(request.http.header("Accept"))) return *form;
  return Refusal{
      406,
      "NotAcceptable",
      {{"readings come as application/x-ndjson, text/csv or application/vnd.apache.arrow.stream", "Accept"}}};
}

awaitable<Answer> readings(Request& request) {
  IOT_CO_TRY(const SensorId id, own_sensor(request));
  const auto read = read_form(request);
  if (const auto* refusal = std::get_if<Refusal>(&read)) co_return *refusal;
  const rows::Form form = std::get<rows::Form>(read);
  auto wanted = read_request(request, form);
  if (auto* refusal = std::get_if<Refusal>(&wanted)) co_return *refusal;
  const registry::SensorEntry& entry = *request.snapshot->sensors.find(id);
  const query::Index index{entry.device, id, entry.mapping};
  auto answer = co_await answer_rows(request.service, request.http, form, [&] {
    const auto sensor = request.registry().sensor(id);
    return request.service.use.elasticsearch.open_rows(index, std::move(std::get<query::RowRequest>(wanted)), form,
                                                       sensor ? std::optional(sensor->unit) : std::nullopt,
                                                       request.http.peer_closed);
  });
  if (auto* response = std::get_if<net::HttpResponse>(&answer)) co_return std::move(*response);
  const NoRows& none = std::get<NoRows>(answer);
  if (none.status == 429) co_return try_later(none.reason, std::chrono::seconds(1));
  const bool unavailable = none.status == 503;
  co_return Refusal{none.status, unavailable ? "Unavailable" : "InternalError", {{none.reason, {}}}};
}

}  // namespace

std::span<const Route> reading_routes() {
  static const std::vector<Route> routes = {
      {.method = net::Method::get,
       .path = "/api/devices/:device_id/sensors/:sensor_id/readings",
       .operation = "getReadings",
       .access = Access::reader,
       .summary = "A sensor's readings as JSON lines, CSV or an Apache Arrow stream, as Accept says; however many",
       .handler = readings,
       .request = {},
       .response = {},
       .query = {{"from", "string", "The first moment, RFC 3339; included"},
                 {"to", "string", "The last moment, RFC 3339; not included"},
                 {"format", "string", "ndjson, csv or arrow, whatever Accept says"},
                 {"order", "string", "asc (the default) or desc, by time"},
                 {"limit", "integer", "How many at most; all without it"},
                 {"timestamp", "string", "In text: rfc3339 (the default) or epoch_ns, nanoseconds since 1970"}},
       .scope = Scope::also_by_user,
       .content_type = "application/x-ndjson",
       .also_content_types = {"text/csv", "application/vnd.apache.arrow.stream"}},
  };
  return routes;
}

}  // namespace iot::api
