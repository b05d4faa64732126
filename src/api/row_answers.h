// Readings as rows over HTTP: from an export (query/row_export.h) to an answer whose body is made while it is sent.
#pragma once

#include <functional>
#include <memory>
#include <variant>

#include <boost/asio/awaitable.hpp>

#include "api/request.h"
#include "query/elasticsearch.h"
#include "query/row_export.h"

namespace iot::api {

/// Why there are no rows.
struct NoRows {
  unsigned status = 500;
  std::string type;    ///< of Elasticsearch's error
  std::string reason;  ///< empty: `answer` says it all
  query::EsAnswer answer = {};
};

/// An answer of rows, or why there is none. `open` is called on the pool. All that goes wrong before the first rows are
/// there is told here; what goes wrong later ends the connection. There is room for ApiOptions::exports_max of them;
/// past it 429. `http` must live until it is done.
boost::asio::awaitable<std::variant<net::HttpResponse, NoRows>> answer_rows(Service& service,
                                                                            const net::HttpRequest& http,
                                                                            rows::Form form,
                                                                            std::function<query::EsRows()> open);

}  // namespace iot::api
