// Finds the operation for a path: a tree by segments, in which what is written out goes before what stands for
// anything.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/route.h"

namespace iot::api {

class Router {
 public:
  /// `routes` must outlive the router.
  explicit Router(const std::vector<const Route*>& routes);
  ~Router();

  struct Match {
    /// Those at this path, one for each method; empty where there is nothing.
    std::vector<const Route*> routes;
    Parameters parameters;
    /// What a last "*" stands for, decoded and joined by '/'.
    std::string rest;

    const Route* find(net::Method method) const noexcept;
    /// For the header Allow.
    std::string methods() const;
  };

  /// `path` as sent: segments are decoded after it was cut, so that %2F is not a slash. One slash at the end does not
  /// count. Nothing where the coding of a segment is wrong.
  std::optional<Match> find(std::string_view path) const;

 private:
  struct Node;
  void add(const Route& route, std::string_view pattern);
  static bool descend(const Node& node, const std::vector<std::string>& segments, std::size_t at, Match& match);

  std::unique_ptr<Node> root_;
};

/// "/api/devices/:device_id" under a user: "/api/users/:user_id/devices/:device_id".
std::string under_user(std::string_view pattern);

}  // namespace iot::api
