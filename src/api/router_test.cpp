#include "api/router.h"

#include <set>

#include <gtest/gtest.h>

namespace iot::api {
namespace {

class RouterTest : public ::testing::Test {
 protected:
  /// The operation's name, or the methods where another method is meant, or "" where there is nothing.
  std::string find(std::string_view path, net::Method method = net::Method::get) const {
    const auto match = router_.find(path);
    if (!match) return "malformed";
    const Route* route = match->find(method);
    if (route) return std::string(route->operation);
    return match->routes.empty() ? "" : match->methods();
  }

  Router router_{all_routes()};
};

TEST_F(RouterTest, FindsEveryOperationOfTheTable) {
  for (const Route* route : all_routes()) {
    std::string path;
    for (const char each : route->path) path += each == ':' ? '1' : each;
    EXPECT_EQ(find(path, route->method), route->operation) << path;
    if (path != "/") {
      EXPECT_EQ(find(path + "/", route->method), route->operation) << path;
    }
    if (route->scope == Scope::also_by_user) {
      EXPECT_EQ(find("/api/users/7" + path.substr(4), route->method), route->operation);
    }
  }
}

TEST_F(RouterTest, EachOperationHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (const Route* route : all_routes()) EXPECT_TRUE(names.insert(route->operation).second) << route->operation;
}

TEST_F(RouterTest, WordsGoBeforeParameters) {
  EXPECT_EQ(find("/api/users/self"), "getSelf");
  EXPECT_EQ(find("/api/users/selfish"), "getUser");
  EXPECT_EQ(find("/api/consumers/consume/4"), "consume");
  EXPECT_EQ(find("/api/consumers/consume/4/_search"), "consumeEndpoint");
  EXPECT_EQ(find("/api/consumers/consume/4/_a/b"), "consumeEndpoint");
  EXPECT_EQ(find("/api/consumers/3/sensors"), "listGrants");
  EXPECT_EQ(find("/api/consumers/consume"), "getConsumer");
}

TEST_F(RouterTest, GivesParametersDecoded) {
  const auto match = router_.find("/api/users/a%2Fb/devices/%33");
  ASSERT_TRUE(match);
  EXPECT_EQ(*find_parameter(match->parameters, "user_id"), "a/b") << "an encoded slash cuts nothing";
  EXPECT_EQ(*find_parameter(match->parameters, "device_id"), "3");
}

TEST_F(RouterTest, FindsNothingElsewhere) {
  for (const char* path : {"/api", "/api/", "/api/x", "/api//devices", "/api/devices//", "/api/devices/3/", "/devices",
                           "/api/devices/3/x", "/api/devices/3/sensors/4/5", "/../api/devices", "/api/Devices"}) {
    if (std::string_view(path) == "/api/devices/3/") {
      EXPECT_EQ(find(path), "getDevice");
    } else {
      EXPECT_EQ(find(path), "") << path;
    }
  }
  EXPECT_EQ(find("/api/devices/%zz"), "malformed");
  EXPECT_EQ(find("/api/devices/%3"), "malformed");
}

TEST_F(RouterTest, TellsTheMethodsOfAPath) {
  EXPECT_EQ(find("/api/devices", net::Method::put), "GET, HEAD, POST");
  EXPECT_EQ(find("/api/devices", net::Method::options), "GET, HEAD, POST");
  EXPECT_EQ(find("/api/devices", net::Method::head), "listDevices");
}

}  // namespace
}  // namespace iot::api
