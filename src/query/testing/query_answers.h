// Looking at answers in tests.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include "query/testing/query_world.h"

namespace iot::query {

/// The body of the answer to a POST; fails the test unless the status is `status`.
inline boost::json::value search(QueryWorld& world, std::string_view body, std::string_view path = "/_search",
                                 unsigned status = 200) {
  const EsAnswer answer = world.ask("POST", path, body);
  EXPECT_EQ(answer.status, status) << body << "\n" << answer.body;
  boost::json::error_code error;
  boost::json::value parsed = boost::json::parse(answer.body, error);
  EXPECT_FALSE(error) << answer.body;
  return parsed;
}

/// Equal but for numbers, which may differ by 1e-9 of their size, and for the order of members.
inline bool nearly_equal(const boost::json::value& a, const boost::json::value& b) {
  if (a.is_number() && b.is_number()) {
    if (a.is_int64() && b.is_int64()) return a.get_int64() == b.get_int64();
    const double x = a.to_number<double>();
    const double y = b.to_number<double>();
    return std::abs(x - y) <= 1e-9 * std::max({1.0, std::abs(x), std::abs(y)});
  }
  if (a.kind() != b.kind()) return false;
  if (const auto* array = a.if_array()) {
    const auto& other = b.get_array();
    if (array->size() != other.size()) return false;
    for (std::size_t i = 0; i < array->size(); ++i) {
      if (!nearly_equal((*array)[i], other[i])) return false;
    }
    return true;
  }
  if (const auto* object = a.if_object()) {
    const auto& other = b.get_object();
    if (object->size() != other.size()) return false;
    for (const auto& [key, value] : *object) {
      const auto* found = other.if_contains(key);
      if (!found || !nearly_equal(value, *found)) return false;
    }
    return true;
  }
  return a == b;
}

}  // namespace iot::query
