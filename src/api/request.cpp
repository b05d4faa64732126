#include "api/request.h"

#include "api/openapi.h"

namespace iot::api {

const std::string* find_parameter(const Parameters& parameters, std::string_view name) noexcept {
  for (const auto& [key, value] : parameters) {
    if (key == name) return &value;
  }
  return nullptr;
}

namespace {

Counter& sign_in_counter(Metrics& metrics, const char* outcome) {
  return metrics.counter("iotplatform_api_sign_ins_total", "Attempts to sign in, by outcome", {{"outcome", outcome}});
}

}  // namespace

Service::Service(ApiDependencies its_dependencies, ApiOptions its_options)
    : use(std::move(its_dependencies)),
      options(std::move(its_options)),
      openapi(openapi_document(options.version)),
      queries(options.queries_waiting_max),
      exports(options.exports_max),
      short_queries(options.query_on_loop_max),
      sign_ins(options.sign_ins_waiting_max),
      sign_ins_good(sign_in_counter(use.metrics, "good")),
      sign_ins_bad(sign_in_counter(use.metrics, "bad")),
      sign_ins_braked(sign_in_counter(use.metrics, "braked")),
      queries_refused(use.metrics.counter("iotplatform_api_queries_refused_total",
                                          "Queries told to come again because too many were waiting")),
      exports_broken(use.metrics.counter("iotplatform_api_exports_broken_total",
                                         "Answers of rows that ended before their last row")) {}

Result<std::string> issue_token(const Service& service, const access::Identity& identity,
                                std::optional<std::chrono::seconds> lifetime) {
  // Making a key takes about a second, several with bad luck.
  constexpr std::chrono::seconds key_wait_max{10};
  service.use.tokens.wait_for_key(key_wait_max);
  return service.use.tokens.issue(identity, lifetime);
}

}  // namespace iot::api
