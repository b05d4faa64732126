#include <gtest/gtest.h>

#include "api/testing/world.h"

namespace iot::api {
namespace {

class UsersTest : public testing::ApiTest {
 protected:
  testing::Reply sign_in(std::string_view username, std::string_view password) {
    return platform_.core(
        "POST", "/api/users/signin",
        "{\"username\":\"" + std::string(username) + "\",\"password\":\"" + std::string(password) + "\"}");
  }
};

TEST_F(UsersTest, SignInGivesATokenThatWorks) {
  const auto signed_in = sign_in("root", "root's password");
  ASSERT_EQ(signed_in.status(), 200u) << signed_in.response.body;
  EXPECT_EQ(signed_in.json().as_object().size(), 1u);
  testing::Client client(platform_, signed_in.text("/token"));
  EXPECT_EQ(client.get("/api/users/self").text("/result/id"), "-1");
  EXPECT_EQ(client.get("/api/users/self").text("/result/role"), "admin");
}

TEST_F(UsersTest, ASessionEndsAfterItsLifetime) {
  testing::Client client(platform_, sign_in("root", "root's password").text("/token"));
  platform_.clock.advance(std::chrono::hours(24));
  EXPECT_EQ(client.get("/api/users/self").status(), 200u) << "within the leeway";
  platform_.clock.advance(std::chrono::seconds(5));
  const auto refused = client.get("/api/users/self");
  EXPECT_EQ(refused.status(), 401u);
  EXPECT_EQ(refused.text("/name"), "TokenExpired");
  EXPECT_NE(refused.header("WWW-Authenticate"), "");
}

TEST_F(UsersTest, AnUnknownUserLooksLikeAWrongPassword) {
  const auto wrong = sign_in("root", "wrong");
  const auto unknown = sign_in("nobody", "wrong");
  EXPECT_EQ(wrong.status(), 401u);
  EXPECT_EQ(unknown.status(), 401u);
  EXPECT_EQ(wrong.response.body, unknown.response.body);
}

TEST_F(UsersTest, GuessingIsBraked) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(sign_in("root", "wrong").status(), 401u);
  const auto braked = sign_in("root", "root's password");
  EXPECT_EQ(braked.status(), 429u) << "even with the right one";
  EXPECT_EQ(braked.header("Retry-After"), "6");
  platform_.peer_address = "192.0.2.2";
  EXPECT_EQ(sign_in("ann", "password of ann").status(), 200u) << "another user from elsewhere";
  platform_.clock.advance(std::chrono::seconds(6));
  EXPECT_EQ(sign_in("root", "root's password").status(), 200u);
}

TEST_F(UsersTest, AGoodSignInIsNotCountedAsAFailure) {
  for (int i = 0; i < 10; ++i) EXPECT_EQ(sign_in("root", "root's password").status(), 200u);
}

TEST_F(UsersTest, TooManySignInsAtOnceAreTurnedAway) {
  testing::Platform full(ApiOptions{.sign_ins_waiting_max = 0});
  const auto refused = full.core("POST", "/api/users/signin", R"({"username":"root","password":"root's password"})");
  EXPECT_EQ(refused.status(), 429u);
  EXPECT_EQ(refused.header("Retry-After"), "1");
}

TEST_F(UsersTest, SelfAnswersToPostToo) {
  for (const char* path : {"/api/users/self", "/api/users/self/"}) {
    EXPECT_EQ(ann_.get(path).text("/result/username"), "ann");
    EXPECT_EQ(ann_.post(path).text("/result/username"), "ann");
    EXPECT_EQ(ann_.post(path, "{}").text("/result/username"), "ann");
  }
  EXPECT_EQ(ann_.get("/api/users/self").response.body.find("argon2"), std::string::npos);
}

TEST_F(UsersTest, AnAdminMakesShowsChangesAndRemovesUsers) {
  const auto made =
      root_.post("/api/users", R"({"name":"Bob","username":"bob","password":"12345678","role":"read-only"})");
  ASSERT_EQ(made.status(), 200u) << made.response.body;
  const std::string at = "/api/users/" + made.text("/result/id");
  EXPECT_EQ(made.text("/result/role"), "read-only");
  EXPECT_EQ(root_.get(at).text("/result/name"), "Bob");
  const auto changed = root_.patch(at, R"({"name":"Robert","role":"user","username":"rob","password":"87654321"})");
  EXPECT_EQ(changed.text("/result/name"), "Robert") << changed.response.body;
  EXPECT_EQ(sign_in("rob", "87654321").status(), 200u);
  EXPECT_EQ(root_.remove(at).status(), 200u);
  const auto gone = root_.get(at);
  EXPECT_EQ(gone.status(), 404u);
  EXPECT_EQ(gone.text("/name"), "UserNotFound");
}

TEST_F(UsersTest, AChangeOfPasswordEndsEarlierSessions) {
  EXPECT_EQ(ann_.get("/api/users/self").status(), 200u);
  EXPECT_EQ(ann_.patch("/api/users/" + ann_id_, R"({"password":"another one"})").status(), 200u);
  const auto refused = ann_.get("/api/users/self");
  EXPECT_EQ(refused.status(), 401u);
  EXPECT_EQ(refused.text("/name"), "TokenRevoked");
  EXPECT_EQ(sign_in("ann", "another one").status(), 200u);
}

TEST_F(UsersTest, AUserChangesItsNameButNotWhatItMayDo) {
  EXPECT_EQ(ann_.patch("/api/users/" + ann_id_, R"({"name":"Ann"})").text("/result/name"), "Ann");
  EXPECT_EQ(ann_.patch("/api/users/" + ann_id_, R"({"role":"admin"})").status(), 403u);
  EXPECT_EQ(ann_.patch("/api/users/" + ann_id_, R"({"username":"root2"})").status(), 403u);
  EXPECT_EQ(ann_.get("/api/users/self").text("/result/role"), "user");
}

TEST_F(UsersTest, PasswordsHave8To1024Bytes) {
  int number = 0;
  const auto make = [&](std::size_t bytes) {
    return root_
        .post("/api/users",
              "{\"username\":\"u" + std::to_string(++number) + "\",\"password\":\"" + std::string(bytes, 'x') + "\"}")
        .status();
  };
  EXPECT_EQ(make(0), 422u);
  EXPECT_EQ(make(7), 422u);
  EXPECT_EQ(make(8), 200u);
  EXPECT_EQ(make(1'024), 200u);
  EXPECT_EQ(make(1'025), 422u);
}

TEST_F(UsersTest, AUserNameIsTakenOnce) {
  const auto refused = root_.post("/api/users", R"({"username":"ann","password":"12345678"})");
  EXPECT_EQ(refused.status(), 409u);
  EXPECT_EQ(refused.text("/name"), "UsernameTaken");
}

TEST_F(UsersTest, AUserSeesItselfInTheListAndAnAdminEverybody) {
  const auto own = ann_.get("/api/users");
  ASSERT_EQ(own.at("/result").as_array().size(), 1u);
  EXPECT_EQ(own.text("/result/0/username"), "ann");
  EXPECT_EQ(root_.get("/api/users").at("/result").as_array().size(), 2u);
  EXPECT_EQ(ann_.get("/api/users/-1").status(), 403u);
  EXPECT_EQ(ann_.get("/api/users/" + ann_id_).status(), 200u);
}

}  // namespace
}  // namespace iot::api
