// Elasticsearch's API for users on the port of the REST API: the same queries as on port 9000, and nothing is written.
#pragma once

#include <array>

#include "api/catalog.h"
#include "api/route.h"

namespace iot::api {

/// The signed-in user, as for every operation; a refusal in Elasticsearch's form.
boost::system::result<Caller, net::HttpResponse> authenticate_querier(const Request& request);

/// An error in Elasticsearch's form, with the status that it has everywhere.
net::HttpResponse elasticsearch_refusal(const Error& error);

/// Runs what the path's rest asks for ("3_4/_search"; nothing: "/"), over what `catalog` shows. `caller` is whose what
/// is kept from one request to the next is: "user 5".
boost::asio::awaitable<Answer> answer_querier(Request& request, std::string caller, Catalog catalog);

/// A front at a path and below it, for GET (and HEAD) and POST. All texts must live as long as the program.
struct QuerierFront {
  std::string_view path;        ///< "/api/elasticsearch"
  std::string_view path_below;  ///< "/api/elasticsearch/*"
  /// Names of the operations: GET and POST at the path, then below it.
  std::array<std::string_view, 4> operations;
  std::string_view summary;
  boost::asio::awaitable<Answer> (*handler)(Request&);
};
std::vector<Route> querier_routes(const QuerierFront& front);

}  // namespace iot::api
