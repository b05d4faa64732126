// /api/dashboards: what the web pages keep of their panels, and the queries of those who look at a shared one.
//
// A viewer need not own the devices: its queries run as the dashboard's owner, over the sensors that the document names
// and nothing else. Sharing a dashboard shows those sensors' readings, all of them, and no more.
#include "registry/dashboards.h"

#include "access/strict_json.h"
#include "api/caller.h"
#include "api/dashboard_document.h"
#include "api/elasticsearch_front.h"
#include "api/entity_json.h"
#include "api/fields.h"
#include "api/pages.h"
#include "api/user_queries.h"
#include "gateway/commands.h"

namespace iot::api {
namespace {

namespace json = boost::json;
using boost::asio::awaitable;
using registry::Dashboard;
using registry::DashboardId;
using registry::Visibility;

enum class Wish { see, change };

bool is_of_caller(const Request& request, const Dashboard& dashboard) {
  return dashboard.owner == request.caller.user || request.caller.is_admin();
}

bool may_change(const Request& request, const Dashboard& dashboard) {
  return is_of_caller(request, dashboard) && request.caller.role != model::Role::read_only;
}

/// The dashboard that the path names, if the caller may do with it what it wants.
awaitable<Result<Dashboard>> dashboard_of_path(Request& request, Wish wish) {
  IOT_CO_TRY(const std::optional<UserId> user, user_of_path(request));
  const Error not_found = make_error(registry::Errc::dashboard_not_found, "Dashboard not found");
  const auto id = parse_id<DashboardId>(*find_parameter(request.path, "dashboard_id"));
  if (!id) co_return not_found;
  IOT_CO_TRY(Dashboard dashboard,
             co_await blocking(request.service, [&] { return request.registry().dashboards().dashboard(*id); }));
  if (user && dashboard.owner != *user) co_return not_found;
  const bool is_shown = wish == Wish::see && dashboard.visibility == Visibility::users;
  if (!is_shown && !is_of_caller(request, dashboard)) {
    co_return make_error(Errc::not_allowed, "it belongs to another user");
  }
  co_return std::move(dashboard);
}

std::optional<Visibility> read_visibility(Fields& fields) {
  const auto name = fields.text("visibility");
  if (!name) return {};
  if (*name == "private") return Visibility::owner;
  if (*name == "users") return Visibility::users;
  fields.fault("must be private or users", "visibility");
  return {};
}

/// The document as text. Nothing if it is absent, and also, with a fault, if it is none.
std::optional<std::string> read_document(Fields& fields) {
  const json::value* const document = fields.value("document");
  if (!document) return {};
  if (!document->is_object()) {
    fields.fault("an object is expected", "document");
    return {};
  }
  if (!sensors_named_in(*document)) {
    fields.fault("names more than " + std::to_string(dashboard_sensors_max) + " sensors", "document");
    return {};
  }
  return gateway::json_text(*document);
}

std::optional<std::int64_t> read_version(Fields& fields) {
  const json::value* const version = fields.value("version");
  if (!version) return {};
  if (version->is_int64()) return version->get_int64();
  fields.fault("an integer is expected", "version");
  return {};
}

net::HttpResponse dashboard_response(const Request& request, const Dashboard& dashboard) {
  return result_response(dashboard, [&](JsonWriter& writer, const Dashboard& each) {
    write_dashboard_with_document(writer, each, may_change(request, each));
  });
}

awaitable<Answer> list(Request& request) {
  IOT_CO_TRY(const std::optional<UserId> owner, user_of_path(request));
  const auto page = read_page(request);
  if (!page) co_return page.error();
  const Caller& caller = request.caller;
  IOT_CO_TRY(std::vector<Dashboard> dashboards, co_await blocking(request.service, [&] {
               registry::Dashboards& all = request.registry().dashboards();
               if (owner) return all.of_owner(*owner, *page);
               return all.visible(caller.is_admin() ? std::nullopt : std::optional(caller.user), *page);
             }));
  co_return list_response(
      std::move(dashboards), *page, [](const Dashboard& each) { return each.id.value; },
      [&](JsonWriter& writer, const Dashboard& each) { write_dashboard(writer, each, may_change(request, each)); });
}

awaitable<Answer> create(Request& request) {
  IOT_CO_TRY(const UserId owner, owner_of_new(request));
  Fields fields(request.body);
  registry::NewDashboard dashboard;
  dashboard.owner = owner;
  dashboard.name = fields.required_text("name");
  dashboard.description = fields.text("description").value_or("");
  dashboard.visibility = read_visibility(fields).value_or(Visibility::owner);
  if (!fields.has("document")) fields.fault("is missing", "document");
  dashboard.document = read_document(fields).value_or("");
  if (auto faults = fields.finish(); !faults.empty()) co_return invalid(std::move(faults));
  IOT_CO_TRY(const Dashboard made, co_await written<Dashboard>([&](auto done) {
               request.registry().dashboards().create(request.actor(), std::move(dashboard), std::move(done));
             }));
  co_return dashboard_response(request, made);
}

awaitable<Answer> show(Request& request) {
  IOT_CO_TRY(const Dashboard dashboard, co_await dashboard_of_path(request, Wish::see));
  co_return dashboard_response(request, dashboard);
}

awaitable<Answer> update(Request& request) {
  IOT_CO_TRY(const Dashboard before, co_await dashboard_of_path(request, Wish::change));
  Fields fields(request.body);
  registry::DashboardPatch patch;
  patch.name = fields.text("name");
  patch.description = fields.text("description");
  patch.visibility = read_visibility(fields);
  patch.document = read_document(fields);
  patch.version = read_version(fields);
  if (auto faults = fields.finish(); !faults.empty()) co_return invalid(std::move(faults));
  IOT_CO_TRY(const Dashboard changed, co_await written<Dashboard>([&](auto done) {
               request.registry().dashboards().update(request.actor(), before.id, std::move(patch), std::move(done));
             }));
  co_return dashboard_response(request, changed);
}

awaitable<Answer> remove(Request& request) {
  IOT_CO_TRY(const Dashboard dashboard, co_await dashboard_of_path(request, Wish::change));
  IOT_CO_CHECK(co_await written<void>(
      [&](auto done) { request.registry().dashboards().remove(request.actor(), dashboard.id, std::move(done)); }));
  co_return removed_response(dashboard.id.value);
}

/// The sensors that the document names, of those that the dashboard's owner may see now.
Result<Catalog> catalog_of(const Request& request, const Dashboard& dashboard) {
  const registry::UserEntry* const owner = request.snapshot->users.find(dashboard.owner);
  if (!owner) return make_error(registry::Errc::dashboard_not_found, "Dashboard not found");
  const auto parsed = access::parse_strict_json(dashboard.document, dashboard_depth_max);
  const auto* const document = std::get_if<json::value>(&parsed);
  const auto named = document ? sensors_named_in(*document) : std::nullopt;
  if (!named) return make_error(Errc::exception_escaped, "the dashboard's stored document cannot be read");
  return Catalog::of_named(request.snapshot, {dashboard.owner, owner->role}, *named);
}

awaitable<Answer> query(Request& request) {
  auto caller = authenticate_querier(request);
  if (!caller) co_return std::move(caller).error();
  request.caller = *caller;
  const auto dashboard = co_await dashboard_of_path(request, Wish::see);
  if (!dashboard) co_return elasticsearch_refusal(dashboard.error());
  auto catalog = co_await blocking(request.service, [&] { return catalog_of(request, *dashboard); });
  if (!catalog) co_return elasticsearch_refusal(catalog.error());
  // What is kept from one request to the next must not be taken up where more, or less, may be seen.
  std::string name = "user " + request.caller.user.to_string() + " at dashboard " + dashboard->id.to_string();
  co_return co_await answer_querier(request, std::move(name), std::move(*catalog));
}

std::vector<Route> all_dashboard_routes() {
  using enum net::Method;
  constexpr Scope both = Scope::also_by_user;
  std::vector<Route> routes = {
      {get,
       "/api/dashboards",
       "listDashboards",
       Access::reader,
       "List the own dashboards and those shown to all users, without documents; admins see everybody's",
       list,
       {},
       "DashboardList",
       page_parameters(),
       both},
      {.method = post,
       .path = "/api/dashboards",
       .operation = "createDashboard",
       .access = Access::writer,
       .summary = "Make a dashboard; at most 1,000 for each user",
       .handler = create,
       .request = "NewDashboard",
       .response = "DashboardResult",
       .query = {},
       .scope = both,
       .depth_extra = 1},
      {get,
       "/api/dashboards/:dashboard_id",
       "getDashboard",
       Access::reader,
       "Show a dashboard with its document",
       show,
       {},
       "DashboardResult",
       {},
       both},
      {.method = patch,
       .path = "/api/dashboards/:dashboard_id",
       .operation = "updateDashboard",
       .access = Access::writer,
       .summary = "Change a dashboard; with the version that the change was made on, only if nobody else changed it "
                  "meanwhile",
       .handler = update,
       .request = "DashboardPatch",
       .response = "DashboardResult",
       .query = {},
       .scope = both,
       .depth_extra = 1},
      {delete_,
       "/api/dashboards/:dashboard_id",
       "deleteDashboard",
       Access::writer,
       "Remove a dashboard",
       remove,
       {},
       "Removed",
       {},
       both},
  };
  for (Route& route :
       querier_routes({.path = "/api/dashboards/:dashboard_id/elasticsearch",
       .path_below = "/api/dashboards/:dashboard_id/elasticsearch/*",
       .operations = {"queryDashboardRoot", "queryDashboardRootByPost", "queryDashboard", "queryDashboardByPost"},
       .summary = "Elasticsearch's API over the sensors that the dashboard's document names, as its owner sees "
                  "them, for all who may see the dashboard",
       .handler = query})) {
    routes.push_back(std::move(route));
  }
  return routes;
}

}  // namespace

std::span<const Route> dashboard_routes() {
  static const std::vector<Route> routes = all_dashboard_routes();
  return routes;
}

}  // namespace iot::api
