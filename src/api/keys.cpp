// The tokens of devices and consumers, and their rotation.
#include "api/caller.h"
#include "base/json_writer.h"

namespace iot::api {
namespace {

using boost::asio::awaitable;

/// {"token": …, "device_id": "3"}
awaitable<Answer> key_response(const Request& request, access::Audience audience, std::int64_t subject,
                               std::uint64_t key_version, std::string_view id_name) {
  const Service& service = request.service;
  IOT_CO_TRY(const std::string token, co_await blocking(service, [&] {
               return issue_token(
                   service, {.audience = audience, .subject = subject, .key_version = key_version, .expires = {}}, {});
             }));
  net::HttpResponse response;
  JsonWriter json(response.body);
  json.begin_object().key("token").string(token).key(id_name).string(std::to_string(subject)).end_object();
  co_return response;
}

awaitable<Answer> device_key(Request& request) {
  IOT_CO_TRY(const DeviceId id, own_device(request));
  const std::uint64_t version = request.snapshot->devices.find(id)->key_version;
  co_return co_await key_response(request, access::Audience::device, id.value, version, "device_id");
}

awaitable<Answer> consumer_key(Request& request) {
  IOT_CO_TRY(const ConsumerId id, own_consumer(request));
  const std::uint64_t version = request.snapshot->consumers.find(id)->key_version;
  co_return co_await key_response(request, access::Audience::consumer, id.value, version, "consumer_id");
}

awaitable<Answer> rotate_device_key(Request& request) {
  IOT_CO_TRY(const DeviceId id, own_device(request));
  IOT_CO_TRY(const std::uint64_t version, co_await written<std::uint64_t>([&](auto done) {
               request.registry().rotate_device_key(request.actor(), id, std::move(done));
             }));
  co_return co_await key_response(request, access::Audience::device, id.value, version, "device_id");
}

awaitable<Answer> rotate_consumer_key(Request& request) {
  IOT_CO_TRY(const ConsumerId id, own_consumer(request));
  IOT_CO_TRY(const std::uint64_t version, co_await written<std::uint64_t>([&](auto done) {
               request.registry().rotate_consumer_key(request.actor(), id, std::move(done));
             }));
  co_return co_await key_response(request, access::Audience::consumer, id.value, version, "consumer_id");
}

}  // namespace

std::span<const Route> key_routes() {
  using enum net::Method;
  constexpr Scope both = Scope::also_by_user;
  // A device's key lets its bearer write readings, so a read-only user gets none; a consumer's key only reads.
  static const std::vector<Route> routes = {
      {get,
       "/api/devices/:device_id/key",
       "getDeviceKey",
       Access::writer,
       "A token for the device",
       device_key,
       {},
       "DeviceKey",
       {},
       both},
      {get,
       "/api/devices/:device_id/auth_key",
       "getDeviceAuthKey",
       Access::writer,
       "The same",
       device_key,
       {},
       "DeviceKey",
       {},
       both},
      {post,
       "/api/devices/:device_id/key/rotate",
       "rotateDeviceKey",
       Access::writer,
       "A new token for the device; all earlier ones stop working at once",
       rotate_device_key,
       {},
       "DeviceKey",
       {},
       both},
      {get,
       "/api/consumers/:consumer_id/key",
       "getConsumerKey",
       Access::reader,
       "A token for the consumer",
       consumer_key,
       {},
       "ConsumerKey",
       {},
       both},
      {get,
       "/api/consumers/:consumer_id/auth_key",
       "getConsumerAuthKey",
       Access::reader,
       "The same",
       consumer_key,
       {},
       "ConsumerKey",
       {},
       both},
      {post,
       "/api/consumers/:consumer_id/key/rotate",
       "rotateConsumerKey",
       Access::writer,
       "A new token for the consumer; all earlier ones stop working at once",
       rotate_consumer_key,
       {},
       "ConsumerKey",
       {},
       both},
  };
  return routes;
}

}  // namespace iot::api
