#include "api/router.h"

#include <cassert>

namespace iot::api {
namespace {

constexpr std::string_view api_prefix = "/api";

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> segments;
  if (path.starts_with('/')) path.remove_prefix(1);
  if (path.ends_with('/')) path.remove_suffix(1);
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    segments.push_back(path.substr(0, end));
    // "a/" with the slash that counts: an empty segment follows.
    if (end + 1 == path.size()) segments.emplace_back();
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return segments;
}

}  // namespace

struct Router::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> named;
  std::unique_ptr<Node> parameter;
  std::unique_ptr<Node> rest;
  /// The names of the parameters on the way here, which may differ between methods no more than the methods themselves.
  std::vector<std::string> parameter_names;
  std::vector<const Route*> routes;
};

std::string under_user(std::string_view pattern) {
  assert(pattern.starts_with(api_prefix));
  return std::string(api_prefix) + "/users/:user_id" + std::string(pattern.substr(api_prefix.size()));
}

Router::Router(const std::vector<const Route*>& routes) : root_(std::make_unique<Node>()) {
  for (const Route* route : routes) {
    add(*route, route->path);
    if (route->scope == Scope::also_by_user) add(*route, under_user(route->path));
  }
}

Router::~Router() = default;

void Router::add(const Route& route, std::string_view pattern) {
  Node* node = root_.get();
  std::vector<std::string> names;
  for (const std::string_view segment : split(pattern)) {
    std::unique_ptr<Node>* next = nullptr;
    if (segment == "*") {
      next = &node->rest;
    } else if (segment.starts_with(':')) {
      names.emplace_back(segment.substr(1));
      next = &node->parameter;
    } else {
      next = &node->named[std::string(segment)];
    }
    if (!*next) *next = std::make_unique<Node>();
    node = next->get();
  }
  assert(node->routes.empty() || node->parameter_names == names);
  node->parameter_names = std::move(names);
  node->routes.push_back(&route);
}

bool Router::descend(const Node& node, const std::vector<std::string>& segments, std::size_t at, Match& match) {
  if (at == segments.size()) {
    if (node.routes.empty()) return false;
    match.routes = node.routes;
    for (std::size_t i = 0; i < node.parameter_names.size(); ++i) match.parameters[i].first = node.parameter_names[i];
    return true;
  }
  if (const auto named = node.named.find(segments[at]); named != node.named.end()) {
    if (descend(*named->second, segments, at + 1, match)) return true;
  }
  if (node.parameter && !segments[at].empty()) {
    match.parameters.emplace_back(std::string(), segments[at]);
    if (descend(*node.parameter, segments, at + 1, match)) return true;
    match.parameters.pop_back();
  }
  if (!node.rest) return false;
  for (std::size_t i = at; i < segments.size(); ++i) match.rest += (i > at ? "/" : "") + segments[i];
  return descend(*node.rest, segments, segments.size(), match);
}

std::optional<Router::Match> Router::find(std::string_view path) const {
  std::vector<std::string> segments;
  for (const std::string_view segment : split(path)) {
    auto decoded = net::percent_decode(segment);
    if (!decoded) return {};
    segments.push_back(std::move(*decoded));
  }
  Match match;
  descend(*root_, segments, 0, match);
  return match;
}

const Route* Router::Match::find(net::Method method) const noexcept {
  // RFC 9110 section 9.3.2: HEAD is GET without the body, which the server leaves away.
  if (method == net::Method::head) method = net::Method::get;
  for (const Route* route : routes) {
    if (route->method == method) return route;
  }
  return nullptr;
}

std::string Router::Match::methods() const {
  std::string list;
  for (const Route* route : routes) {
    if (!list.empty()) list += ", ";
    list += net::to_string(route->method);
    if (route->method == net::Method::get) list += ", HEAD";
  }
  return list;
}

}  // namespace iot::api
