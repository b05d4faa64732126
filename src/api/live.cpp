// Live readings have a connection of their own (ApiOptions::live): what comes here asked for them in no form that they
// have. The route is in the table for the documents' sake.
#include <boost/asio/awaitable.hpp>

#include "api/refusal.h"
#include "api/request.h"
#include "api/route.h"

namespace iot::api {
namespace {

boost::asio::awaitable<Answer> follow(Request&) {
  co_return Refusal{406,
                    "NotAcceptable",
                    {{"live readings come as Server-Sent Events (Accept: text/event-stream) or over a WebSocket", ""}}};
}

}  // namespace

std::span<const Route> live_routes() {
  static const std::vector<Route> routes = {
      {.method = net::Method::get,
       .path = "/api/consumers/live",
       .operation = "followReadings",
       .access = Access::anyone,
       .summary = "Readings as they come, for a consumer's or a user's token: Server-Sent Events or a WebSocket",
       .handler = follow,
       .request = {},
       .response = {},
       .query = {{"devices", "string", "Ids of devices with commas between"},
                 {"sensors", "string", "Ids of sensors with commas between; nothing of both: all that may be seen"},
                 {"from", "string", "Go on behind this position of an earlier event (also as Last-Event-ID)"}},
       .scope = Scope::plain,
       .content_type = "text/event-stream"},
  };
  return routes;
}

}  // namespace iot::api
