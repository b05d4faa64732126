#include "api/pages.h"

#include <charconv>

namespace iot::api {

Checked<registry::Page> read_page(const Request& request) {
  const ApiOptions& options = request.service.options;
  registry::Page page;
  page.limit = options.page_limit_default;
  std::vector<Fault> faults;
  if (const std::string* text = find_parameter(request.query, "limit")) {
    const auto [stop, error] = std::from_chars(text->data(), text->data() + text->size(), page.limit);
    if (error != std::errc{} || stop != text->data() + text->size() || page.limit < 1 ||
        page.limit > options.page_limit_max) {
      faults.push_back({"an integer from 1 to " + std::to_string(options.page_limit_max) + " is expected", "limit"});
    }
  }
  if (const std::string* text = find_parameter(request.query, "after")) {
    if (const auto id = parse_id<Id<struct AnyTag>>(*text)) {
      page.after = id->value;
    } else {
      faults.push_back({"an id is expected", "after"});
    }
  }
  if (const std::string* text = find_parameter(request.query, "name")) page.name = *text;
  if (!faults.empty()) return invalid(std::move(faults));
  ++page.limit;
  return page;
}

net::HttpResponse removed_response(std::int64_t id) {
  return result_response(id, [](JsonWriter& json, std::int64_t removed) {
    json.begin_object().key("id").string(std::to_string(removed)).end_object();
  });
}

}  // namespace iot::api
