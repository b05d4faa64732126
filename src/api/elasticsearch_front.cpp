#include "api/elasticsearch_front.h"

#include <algorithm>

#include "access/base64url.h"
#include "api/accept.h"
#include "api/row_answers.h"

namespace iot::api {
namespace {

const std::pair<std::string, std::string> product_header{"X-Elastic-Product", "Elasticsearch"};

bool equals_ignoring_case(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, [](char a, char b) {
    const auto lower = [](char each) {
      return each >= 'A' && each <= 'Z' ? static_cast<char>(each - 'A' + 'a') : each;
    };
    return lower(a) == lower(b);
  });
}

/// "application/json; charset=utf-8" without blanks and in small letters.
std::string compact(std::string_view media_type) {
  std::string text;
  for (const char each : media_type) {
    if (each == ' ' || each == '\t') continue;
    text += each >= 'A' && each <= 'Z' ? static_cast<char>(each - 'A' + 'a') : each;
  }
  return text;
}

/// RFC 4648 section 4, with or without padding.
std::optional<std::string> decode_base64(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  std::string url(text);
  std::ranges::replace(url, '+', '-');
  std::ranges::replace(url, '/', '_');
  return access::decode_base64url(url);
}

std::optional<std::string> after_colon(std::string_view encoded) {
  const auto decoded = decode_base64(encoded);
  const std::size_t colon = decoded ? decoded->find(':') : std::string::npos;
  if (colon == std::string::npos || colon + 1 == decoded->size()) return {};
  return decoded->substr(colon + 1);
}

/// What Elasticsearch takes as a body's type.
bool is_known_type(const std::string& media_type) {
  const std::string type = media_type.substr(0, media_type.find(';'));
  return type == "application/json" || type == "application/x-ndjson" || type == "application/vnd.elasticsearch+json" ||
         type == "application/vnd.elasticsearch+x-ndjson";
}

/// The version after "compatible-with="; empty where there is none.
std::string version_of(const std::string& media_type) {
  constexpr std::string_view parameter = "compatible-with=";
  const std::size_t at = media_type.find(parameter);
  if (at == media_type.npos) return {};
  const std::string rest = media_type.substr(at + parameter.size());
  return rest.substr(0, rest.find_first_of(",;"));
}

/// What the clients of 7 and 9 send and read of what there is here is what those of 8 do.
bool is_known_version(const std::string& version) {
  return version.empty() || version == "7" || version == "8" || version == "9";
}

boost::asio::awaitable<net::HttpResponse> run_rows(Service& service, const net::HttpRequest& http,
                                                   const Catalog& catalog, const query::EsRequest& request,
                                                   rows::Form form) {
  const auto unit_of = [&](SensorId id) -> std::optional<std::string> {
    const auto sensor = service.use.registry.sensor(id);
    if (!sensor) return {};
    return sensor->unit;
  };
  auto answer = co_await answer_rows(
      service, http, form, [&] { return service.use.elasticsearch.open_rows(catalog, request, form, unit_of); });
  if (auto* none = std::get_if<NoRows>(&answer)) {
    if (none->reason.empty()) co_return elasticsearch_response(std::move(none->answer));
    co_return elasticsearch_error(none->status, none->type, none->reason);
  }
  auto& response = std::get<net::HttpResponse>(answer);
  response.headers.push_back(product_header);
  co_return std::move(response);
}

/// The rows of SQL come in the form that Accept asks for, where `format` does not say it.
void take_row_form(const net::HttpRequest& http, std::string_view path,
                   std::vector<std::pair<std::string, std::string>>& parameters) {
  if (path != "/_sql" || std::ranges::any_of(parameters, [](const auto& one) { return one.first == "format"; })) return;
  const std::string accepts = compact(http.header("Accept"));
  const std::string type = accepts.substr(0, accepts.find_first_of(",;"));
  if (type == "text/csv") parameters.emplace_back("format", "csv");
  if (type == "text/tab-separated-values") parameters.emplace_back("format", "tsv");
  if (type == "text/plain") parameters.emplace_back("format", "txt");
}

}  // namespace

std::optional<std::string> elasticsearch_token(std::string_view header_value) {
  const std::size_t blank = header_value.find(' ');
  if (blank == header_value.npos) return {};
  const std::string_view scheme = header_value.substr(0, blank);
  std::string_view value = header_value.substr(blank);
  while (value.starts_with(' ')) value.remove_prefix(1);
  while (value.ends_with(' ')) value.remove_suffix(1);
  if (value.empty()) return {};
  if (equals_ignoring_case(scheme, "Basic")) return after_colon(value);
  if (equals_ignoring_case(scheme, "ApiKey")) {
    // A token has dots, which base64 has not.
    return value.find('.') != value.npos ? std::string(value) : after_colon(value);
  }
  const auto token = access::bearer_token(header_value);
  if (!token) return {};
  return std::string(*token);
}

std::string caller_name(ConsumerId consumer) {
  return "consumer " + consumer.to_string();
}

net::HttpResponse elasticsearch_response(query::EsAnswer answer) {
  net::HttpResponse response;
  response.status = answer.status;
  response.body = std::move(answer.body);
  response.content_type = std::move(answer.content_type);
  response.headers.push_back(product_header);
  if (response.status == 401) {
    response.headers.emplace_back("WWW-Authenticate", "Basic realm=\"iotplatform\", charset=\"UTF-8\"");
    response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"iotplatform\"");
    response.headers.emplace_back("WWW-Authenticate", "ApiKey");
  }
  if (response.status == 429 || response.status == 503) response.headers.emplace_back("Retry-After", "1");
  return response;
}

net::HttpResponse elasticsearch_error(unsigned status, std::string_view type, std::string_view reason) {
  return elasticsearch_response(query::es_error(status, type, reason));
}

net::HttpResponse security_error(unsigned status, std::string_view reason) {
  return elasticsearch_error(status, "security_exception", reason);
}

std::optional<net::HttpResponse> refuse_media_types(const net::HttpRequest& http) {
  const std::string sends = compact(http.header("Content-Type"));
  for (const std::string& type : {compact(http.header("Accept")), sends}) {
    if (const auto version = version_of(type); !is_known_version(version)) {
      return elasticsearch_error(
          400, "media_type_header_exception",
          "answers compatible with version " + version + " are not known here, only with 7, 8 and 9");
    }
  }
  if (http.body.empty() || sends.empty() || is_known_type(sends)) return {};
  return elasticsearch_error(406, "media_type_header_exception",
                             "Content-Type [" + std::string(http.header("Content-Type")) + "] is not supported");
}

void name_media_type(const net::HttpRequest& http, net::HttpResponse& response) {
  const std::string accepts = compact(http.header("Accept"));
  if (response.content_type != "application/json" || accepts.find("vnd.elasticsearch+json") == accepts.npos) return;
  const std::string version = version_of(accepts);
  response.content_type = "application/vnd.elasticsearch+json;compatible-with=" + (version.empty() ? "8" : version);
}

boost::asio::awaitable<net::HttpResponse> run_query(Service& service, const net::HttpRequest& http, std::string path,
                                                    std::string caller, Catalog catalog) {
  if (auto refused = refuse_media_types(http)) co_return *std::move(refused);
  auto parameters = net::parse_query(http.query);
  if (!parameters) {
    co_return elasticsearch_error(400, "illegal_argument_exception", "the query string is not percent-encoded rightly");
  }
  take_row_form(http, path, *parameters);
  const query::EsRequest request{.method = net::to_string(http.method),
                                 .path = path,
                                 .parameters = std::move(*parameters),
                                 .body = http.body,
                                 .caller = caller,
                                 .host = http.header("Host"),
                                 .cancelled = http.peer_closed};
  const auto rows_form = rows_wanted_of_search(http.header("Accept"));
  if (rows_form && query::Elasticsearch::is_search(path)) {
    co_return co_await run_rows(service, http, catalog, request, *rows_form);
  }
  const auto place = service.queries.enter();
  if (!place) {
    service.queries_refused.Increment();
    co_return elasticsearch_error(
        429, "es_rejected_execution_exception",
        "rejected: " + std::to_string(service.options.queries_waiting_max) + " queries are running or waiting already");
  }
  const auto key = ShortQueries::key_of(path, http.body);
  const auto answer_it = [&]() -> Result<query::EsAnswer> {
    const Clock::Steady start = service.use.clock.steady_now();
    auto given = service.use.elasticsearch.handle(catalog, request);
    service.short_queries.note(key, service.use.clock.steady_now() - start);
    return given;
  };
  Result<query::EsAnswer> answer = query::EsAnswer();
  if (service.short_queries.was_short(key)) {
    answer = guarded(answer_it);
  } else {
    answer = co_await blocking(service, answer_it);
  }
  if (!answer) co_return elasticsearch_error(500, "exception", answer.error().message);
  net::HttpResponse response = elasticsearch_response(std::move(*answer));
  name_media_type(http, response);
  co_return response;
}

}  // namespace iot::api
