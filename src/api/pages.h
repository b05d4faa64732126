// The parameters of lists, and lists as answers.
#pragma once

#include <vector>

#include <boost/system/result.hpp>

#include "api/request.h"
#include "base/json_writer.h"

namespace iot::api {

/// What was asked for, or why it is refused.
template <class T>
using Checked = boost::system::result<T, Refusal>;

/// Of `limit`, `after` and `name`. The page asks for one more than `limit`, which tells whether there is a next one.
Checked<registry::Page> read_page(const Request& request);

/// {"result": [...], "next": "17"}: the things, of which the one beyond `limit` is not shown; `next` where it is there.
/// `write` appends one.
template <class Thing, class Id, class Write>
net::HttpResponse list_response(std::vector<Thing> things, const registry::Page& page, Id id, Write write) {
  const bool has_next = things.size() >= page.limit;
  if (has_next) things.resize(page.limit - 1, things.front());
  net::HttpResponse response;
  JsonWriter json(response.body);
  json.begin_object().key("result").begin_array();
  for (const Thing& thing : things) write(json, thing);
  json.end_array();
  if (has_next && !things.empty()) json.key("next").string(std::to_string(id(things.back())));
  json.end_object();
  return response;
}

/// {"result": …} of one thing.
template <class Thing, class Write>
net::HttpResponse result_response(const Thing& thing, Write write) {
  net::HttpResponse response;
  JsonWriter json(response.body);
  json.begin_object().key("result");
  write(json, thing);
  json.end_object();
  return response;
}

/// {"result": {"id": "3"}}: what is left to say of a thing that was removed.
net::HttpResponse removed_response(std::int64_t id);

}  // namespace iot::api
