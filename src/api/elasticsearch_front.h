// What the consumer proxy and port 9000 have in common: tokens in Elasticsearch's manner, and running a query.
#pragma once

#include <string>
#include <string_view>

#include "api/catalog.h"
#include "api/request.h"
#include "query/elasticsearch.h"

namespace iot::api {

/// The token of an Authorization header: `Bearer <token>`, `ApiKey <token>` or `ApiKey <base64 of id:token>`, `Basic
/// <base64 of any name:token>`; nothing where it is of another form.
std::optional<std::string> elasticsearch_token(std::string_view header_value);

/// In Elasticsearch's form, with its product header, 401 with the ways to authenticate.
net::HttpResponse elasticsearch_response(query::EsAnswer answer);
net::HttpResponse elasticsearch_error(unsigned status, std::string_view type, std::string_view reason);
/// 401 or 403 of Elasticsearch's security_exception.
net::HttpResponse security_error(unsigned status, std::string_view reason);

/// Refuses the request's Accept or Content-Type, where our answers are not right for it.
std::optional<net::HttpResponse> refuse_media_types(const net::HttpRequest& http);
/// Names JSON as the client asked for it: "application/vnd.elasticsearch+json;compatible-with=8".
void name_media_type(const net::HttpRequest& http, net::HttpResponse& response);
/// Whose token a request has, for what is kept from one request to the next: "consumer 3".
std::string caller_name(ConsumerId consumer);

/// Runs the request at `path` ("/3_4/_search") on the pool, if there is room (ApiOptions::queries_waiting_max):
/// parameters, body and method are those of `http`. `http` must live until it is done.
boost::asio::awaitable<net::HttpResponse> run_query(Service& service, const net::HttpRequest& http, std::string path,
                                                    std::string caller, Catalog catalog);

}  // namespace iot::api
