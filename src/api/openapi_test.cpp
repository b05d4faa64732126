#include "api/openapi.h"

#include <set>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "api/route.h"
#include "api/router.h"
#include "api/schemas.h"

namespace iot::api {
namespace {

namespace json = boost::json;

class OpenApiTest : public ::testing::Test {
 protected:
  const json::object& operation(std::string_view path, net::Method method) const {
    std::string name(net::to_string(method));
    for (char& each : name) each = static_cast<char>(each | 0x20);
    return document_.at("paths").at(path).at(name).as_object();
  }

  /// Calls visit for each reference anywhere.
  template <class Visit>
  static void each_reference(const json::value& value, const Visit& visit) {
    if (const auto* object = value.if_object()) {
      for (const auto& [key, member] : *object) {
        if (key == "$ref") {
          visit(std::string(member.as_string()));
        } else {
          each_reference(member, visit);
        }
      }
    } else if (const auto* array = value.if_array()) {
      for (const auto& each : *array) each_reference(each, visit);
    }
  }

  const json::value document_ = json::parse(openapi_document("1.2.3"));
};

TEST_F(OpenApiTest, NamesItsVersions) {
  EXPECT_EQ(document_.at("openapi").as_string(), "3.1.0");
  EXPECT_EQ(document_.at("info").at("version").as_string(), "1.2.3");
}

TEST_F(OpenApiTest, HoldsEveryRouteInEachOfItsForms) {
  std::size_t expected = 0;
  for (const Route* route : all_routes()) {
    EXPECT_EQ(operation(openapi_path(route->path), route->method).at("operationId").as_string(), route->operation);
    ++expected;
    if (route->scope != Scope::also_by_user) continue;
    EXPECT_EQ(operation(openapi_path(under_user(route->path)), route->method).at("operationId").as_string(),
              std::string(route->operation) + "OfUser");
    ++expected;
  }
  std::size_t found = 0;
  std::set<std::string> names;
  for (const auto& path : document_.at("paths").as_object()) {
    for (const auto& each : path.value().as_object()) {
      ++found;
      EXPECT_TRUE(names.insert(std::string(each.value().at("operationId").as_string())).second);
    }
  }
  EXPECT_EQ(found, expected);
}

TEST_F(OpenApiTest, ResolvesEveryReferenceAndUsesEverySchema) {
  std::set<std::string> used;
  each_reference(document_, [&](const std::string& reference) {
    ASSERT_TRUE(reference.starts_with("#/components/schemas/")) << reference;
    json::error_code code;
    EXPECT_TRUE(document_.find_pointer(reference.substr(1), code)) << reference;
    used.insert(reference.substr(reference.rfind('/') + 1));
  });
  for (const Schema& schema : schemas()) EXPECT_TRUE(used.contains(std::string(schema.name))) << schema.name;
}

TEST_F(OpenApiTest, DeclaresEveryParameterOfAPath) {
  for (const auto& path : document_.at("paths").as_object()) {
    const std::string text(path.key());
    for (const auto& each : path.value().as_object()) {
      std::size_t declared = 0;
      for (const auto& parameter : each.value().at("parameters").as_array()) {
        if (parameter.at("in") != "path") continue;
        ++declared;
        EXPECT_TRUE(parameter.at("required").as_bool());
        EXPECT_NE(text.find("{" + std::string(parameter.at("name").as_string()) + "}"), std::string::npos) << text;
      }
      EXPECT_EQ(declared, static_cast<std::size_t>(std::ranges::count(text, '{'))) << text;
    }
  }
}

}  // namespace
}  // namespace iot::api
