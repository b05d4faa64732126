// /api/audit: who changed what, when, and from where.
#include "api/entity_json.h"
#include "api/pages.h"
#include "api/route.h"

namespace iot::api {
namespace {

boost::asio::awaitable<Answer> list(Request& request) {
  const auto page = read_page(request);
  if (!page) co_return page.error();
  IOT_CO_TRY(auto entries, co_await blocking(request.service, [&] { return request.registry().audit(*page); }));
  co_return list_response(
      std::move(entries), *page, [](const registry::AuditEntry& entry) { return entry.id; }, write_audit_entry);
}

}  // namespace

std::span<const Route> audit_routes() {
  static const std::vector<Route> routes = {
      {net::Method::get,
       "/api/audit",
       "listAudit",
       Access::admin,
       "Changes of the registry, the newest first",
       list,
       {},
       "AuditList",
       {{"limit", "integer", "How many at most. The answer's `next`, where there is one, is `after` of the next page."},
        {"after", "string", "Only what is older than the entry with this id."}}},
  };
  return routes;
}

}  // namespace iot::api
