// /api/consumers
#include "api/caller.h"
#include "api/entity_json.h"
#include "api/fields.h"
#include "api/pages.h"

namespace iot::api {
namespace {

using boost::asio::awaitable;

awaitable<Answer> list(Request& request) {
  IOT_CO_TRY(const std::optional<UserId> owner, owner_of_list(request));
  const auto page = read_page(request);
  if (!page) co_return page.error();
  IOT_CO_TRY(auto consumers,
             co_await blocking(request.service, [&] { return request.registry().consumers(owner, *page); }));
  co_return list_response(
      std::move(consumers), *page, [](const model::Consumer& consumer) { return consumer.id.value; }, write_consumer);
}

awaitable<Answer> create(Request& request) {
  IOT_CO_TRY(const UserId owner, owner_of_new(request));
  Fields fields(request.body);
  registry::NewConsumer consumer;
  consumer.owner = owner;
  consumer.name = fields.required_text("name");
  consumer.description = fields.text("description").value_or("");
  if (auto faults = fields.finish(); !faults.empty()) co_return invalid(std::move(faults));
  IOT_CO_TRY(const model::Consumer made, co_await written<model::Consumer>([&](auto done) {
               request.registry().create_consumer(request.actor(), std::move(consumer), std::move(done));
             }));
  co_return result_response(made, write_consumer);
}

awaitable<Answer> show(Request& request) {
  IOT_CO_TRY(const ConsumerId id, own_consumer(request));
  IOT_CO_TRY(const model::Consumer consumer,
             co_await blocking(request.service, [&] { return request.registry().consumer(id); }));
  co_return result_response(consumer, write_consumer);
}

awaitable<Answer> update(Request& request) {
  IOT_CO_TRY(const ConsumerId id, own_consumer(request));
  Fields fields(request.body);
  registry::ConsumerPatch patch;
  patch.name = fields.text("name");
  patch.description = fields.text("description");
  if (auto faults = fields.finish(); !faults.empty()) co_return invalid(std::move(faults));
  IOT_CO_TRY(const model::Consumer changed, co_await written<model::Consumer>([&](auto done) {
               request.registry().update_consumer(request.actor(), id, std::move(patch), std::move(done));
             }));
  co_return result_response(changed, write_consumer);
}

awaitable<Answer> remove(Request& request) {
  IOT_CO_TRY(const ConsumerId id, own_consumer(request));
  IOT_CO_CHECK(co_await written<void>(
      [&](auto done) { request.registry().delete_consumer(request.actor(), id, std::move(done)); }));
  co_return removed_response(id.value);
}

}  // namespace

std::span<const Route> consumer_routes() {
  using enum net::Method;
  constexpr Scope both = Scope::also_by_user;
  static const std::vector<Route> routes = {
      {get,
       "/api/consumers",
       "listConsumers",
       Access::reader,
       "List consumers; admins see everybody's",
       list,
       {},
       "ConsumerList",
       page_parameters(),
       both},
      {post,
       "/api/consumers",
       "createConsumer",
       Access::writer,
       "Make a consumer",
       create,
       "NewConsumer",
       "ConsumerResult",
       {},
       both},
      {get,
       "/api/consumers/:consumer_id",
       "getConsumer",
       Access::reader,
       "Show a consumer",
       show,
       {},
       "ConsumerResult",
       {},
       both},
      {patch,
       "/api/consumers/:consumer_id",
       "updateConsumer",
       Access::writer,
       "Change a consumer",
       update,
       "ConsumerPatch",
       "ConsumerResult",
       {},
       both},
      {delete_,
       "/api/consumers/:consumer_id",
       "deleteConsumer",
       Access::writer,
       "Remove a consumer with its grants",
       remove,
       {},
       "Removed",
       {},
       both},
  };
  return routes;
}

}  // namespace iot::api
