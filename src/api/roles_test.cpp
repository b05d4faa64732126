// Every operation, for everybody: nobody, a reader and a user each with things of their own, a stranger, and an admin.
#include <gtest/gtest.h>

#include "api/route.h"
#include "api/router.h"
#include "api/testing/world.h"

namespace iot::api {
namespace {

/// A user and one of each thing that belongs to it.
struct Owner {
  std::string user;
  std::string device;
  std::string sensor;
  std::string consumer;
  std::string certificate;
  std::string command;
  std::string dashboard;
};

class RolesTest : public testing::ApiTest {
 protected:
  /// Made by root in the user's name: a reader could not.
  Owner owner_of_things(const std::string& user) {
    const std::string under = "/api/users/" + user;
    const std::string device = root_.post(under + "/devices", R"({"name":"d"})").text("/result/id");
    const std::string consumer = root_.post(under + "/consumers", R"({"name":"c"})").text("/result/id");
    const std::string certificate = std::string(60, 'a') + std::to_string(1'000 + ++certificates_);
    EXPECT_EQ(
        root_.post("/api/devices/" + device + "/certificates", R"({"name":"c","fingerprint":")" + certificate + "\"}")
            .status(),
        200u);
    const std::string command =
        root_.post("/api/devices/" + device + "/commands", R"({"name":"c"})").text("/result/id");
    const std::string dashboard = root_.post(under + "/dashboards", R"({"name":"d","document":{}})").text("/result/id");
    return {user, device, root_.add_sensor(device), consumer, certificate, command, dashboard};
  }

  static std::string fill_in(std::string_view pattern, const Owner& owner) {
    std::string path(pattern);
    for (const auto& [name, value] : {std::pair<std::string, const std::string&>(":user_id", owner.user),
                                      {":device_id", owner.device},
                                      {":sensor_id", owner.sensor},
                                      {":consumer_id", owner.consumer},
                                      {":command_id", owner.command},
                                      {":dashboard_id", owner.dashboard},
                                      {":fingerprint", owner.certificate}}) {
      if (const std::size_t at = path.find(name); at != path.npos) path.replace(at, name.size(), value);
    }
    return path;
  }

  int certificates_ = 0;
  std::string reader_ = platform_.add_user("reader", model::Role::read_only);
  std::string stranger_ = platform_.add_user("stranger", model::Role::user);
};

bool names_a_thing(std::string_view pattern) {
  return pattern.find("_id") != pattern.npos;
}

TEST_F(RolesTest, EveryOperationIsForThoseOfTheTableAndForOwners) {
  std::size_t checked = 0;
  std::map<std::string, Owner> owners;
  const auto fresh = [&] {
    owners.clear();
    for (const std::string& user : {reader_, ann_id_}) owners.emplace(user, owner_of_things(user));
  };
  fresh();
  for (const Route* route : all_routes()) {
    if (route->access == Access::anyone || is_elasticsearch(route->access)) continue;
    // Removing users would remove those of this test.
    if (route->operation == "deleteUser") continue;
    // Of the cookie, not of the token: session_test.cpp.
    if (route->operation == "getSession") continue;
    for (const bool under : {false, true}) {
      if (under && route->scope != Scope::also_by_user) continue;
      const std::string pattern = under ? under_user(route->path) : std::string(route->path);
      for (const std::string& whose : {reader_, ann_id_}) {
        for (const auto& [who, role] :
             std::vector<std::pair<std::string, model::Role>>{{"", model::Role::read_only},
                                                              {reader_, model::Role::read_only},
                                                              {ann_id_, model::Role::user},
                                                              {stranger_, model::Role::user},
                                                              {"-1", model::Role::admin}}) {
          testing::Client client(platform_, who.empty() ? "" : platform_.token_of(who));
          const bool has_body = !route->request.empty();
          const auto reply =
              client.call(net::to_string(route->method), fill_in(pattern, owners.at(whose)), has_body ? "{}" : "");
          const bool is_owner = who == whose || !names_a_thing(pattern);
          const bool role_suffices = route->access == Access::reader ||
                                     (route->access == Access::writer && role != model::Role::read_only) ||
                                     role == model::Role::admin;
          const std::string what =
              std::string(net::to_string(route->method)) + " " + pattern + " of " + whose + " by " + who;
          if (who.empty()) {
            EXPECT_EQ(reply.status(), 401u) << what;
          } else if (role == model::Role::admin || (role_suffices && is_owner)) {
            EXPECT_TRUE(reply.status() == 200 || reply.status() == 422) << what << ": " << reply.response.body;
          } else {
            EXPECT_EQ(reply.status(), 403u) << what << ": " << reply.response.body;
          }
          ++checked;
          if (route->method == net::Method::delete_ && reply.status() == 200) fresh();
        }
      }
    }
  }
  EXPECT_GT(checked, 400u);
}

TEST_F(RolesTest, OnlyAdminsRemoveUsers) {
  testing::Client stranger(platform_, platform_.token_of(stranger_));
  EXPECT_EQ(stranger.remove("/api/users/" + ann_id_).status(), 403u);
  EXPECT_EQ(stranger.remove("/api/users/" + stranger_).status(), 403u);
  EXPECT_EQ(root_.remove("/api/users/-1").status(), 409u) << "root stays";
  EXPECT_EQ(root_.remove("/api/users/" + stranger_).status(), 200u);
  EXPECT_EQ(stranger.get("/api/users/self").status(), 401u) << "its token is void at once";
}

TEST_F(RolesTest, ATokenOfAnotherKindIsNoUsers) {
  const std::string device = ann_.add_device();
  testing::Client as_device(platform_, ann_.get("/api/devices/" + device + "/key").text("/token"));
  EXPECT_EQ(as_device.get("/api/devices").status(), 403u);
  testing::Client as_nonsense(platform_, "nonsense");
  EXPECT_EQ(as_nonsense.get("/api/devices").status(), 401u);
}

}  // namespace
}  // namespace iot::api
