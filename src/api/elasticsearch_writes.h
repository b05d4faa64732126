// Readings through Elasticsearch's API on port 9000: _bulk, _doc and _create, and what shippers ask before they send.
//
// A write is acknowledged like any other: once it is durable and queryable, through ingest and the event log. What the
// lines and documents mean is ingest/bulk.h.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "api/request.h"
#include "api/token_holder.h"

namespace iot::api {

/// What a request to write is about.
struct WriteRoute {
  enum class Kind {
    bulk,
    document,  ///< one, with or without an id
    refused,   ///< what readings cannot do, such as being deleted one by one
    create_index,
    license,
  };
  Kind kind = Kind::bulk;
  std::string index = {};
  ingest::BulkAction action = ingest::BulkAction::index;
  std::string id = {};
  std::string reason = {};  ///< of a refusal
};

/// Nothing where the request at the decoded `path` is another's.
std::optional<WriteRoute> write_route_of(net::Method method, std::string_view path);

class ElasticsearchWrites {
 public:
  /// `service` must outlive the object.
  explicit ElasticsearchWrites(Service& service);
  ~ElasticsearchWrites();

  /// On the connection's loop, which is the handler's `thread_index`th. `http` must live until it is done.
  boost::asio::awaitable<net::HttpResponse> answer(const net::HttpRequest& http, std::size_t thread_index,
                                                   WriteRoute route, TokenHolder holder,
                                                   registry::SnapshotPtr snapshot);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace iot::api
