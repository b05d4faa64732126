// Sessions of browsers: the cookie, and what it is good for from whose pages.
#include <gtest/gtest.h>

#include "api/testing/world.h"

namespace iot::api {
namespace {

constexpr const char* root_signs_in = R"({"username":"root","password":"root's password"})";

class SessionTest : public testing::ApiTest {
 protected:
  testing::Reply sign_in(testing::Headers headers = {}) {
    return platform_.core("POST", "/api/session", root_signs_in, std::move(headers));
  }

  /// "iotplatform_session=…" as a browser sends it back.
  static std::string cookie_of(const testing::Reply& reply) {
    const std::string set = reply.header("Set-Cookie");
    return set.substr(0, set.find(';'));
  }

  testing::Reply call(std::string_view method, std::string_view target, std::string_view body = {},
                      testing::Headers headers = {{"Sec-Fetch-Site", "same-origin"}}) {
    headers.emplace_back("Cookie", "theme=dark; " + cookie_);
    return platform_.core(method, target, body, std::move(headers));
  }

  std::string cookie_ = cookie_of(sign_in());
};

ApiOptions over_tls() {
  ApiOptions options;
  options.speaks_tls = true;
  return options;
}

TEST_F(SessionTest, BeginsWithACookieThatNoScriptReads) {
  const auto begun = sign_in();
  ASSERT_EQ(begun.status(), 200u) << begun.response.body;
  EXPECT_EQ(begun.text("/result/username"), "root");
  EXPECT_EQ(begun.at("/result").as_object().size(), 6u);
  EXPECT_EQ(begun.response.body.find("token"), std::string::npos);
  const std::string set = begun.header("Set-Cookie");
  EXPECT_TRUE(set.starts_with("iotplatform_session=")) << set;
  EXPECT_TRUE(set.ends_with("; Path=/; HttpOnly; SameSite=Strict; Max-Age=86400")) << set;
  EXPECT_EQ(begun.header("Cache-Control"), "no-store");
}

TEST_F(SessionTest, TheCookieIsForTlsAloneWhereThatIsSpoken) {
  testing::Platform platform(over_tls());
  EXPECT_TRUE(platform.core("POST", "/api/session", root_signs_in).header("Set-Cookie").ends_with("; Secure"));
  EXPECT_TRUE(sign_in({{"Origin", "https://a"}, {"Host", "a"}}).header("Set-Cookie").ends_with("; Secure"))
      << "a proxy speaks it";
  EXPECT_FALSE(sign_in({{"Origin", "http://a"}, {"Host", "a"}}).header("Set-Cookie").ends_with("; Secure"));
}

TEST_F(SessionTest, ShowsItsUserAndItsEnd) {
  const auto shown = call("GET", "/api/session");
  ASSERT_EQ(shown.status(), 200u) << shown.response.body;
  EXPECT_EQ(shown.text("/result/id"), "-1");
  const std::string expires = shown.text("/result/expires");
  platform_.clock.advance(std::chrono::hours(1));
  EXPECT_EQ(call("GET", "/api/session").text("/result/expires"), expires);
  platform_.clock.advance(std::chrono::hours(24));
  EXPECT_EQ(call("GET", "/api/session").status(), 401u);
  EXPECT_EQ(platform_.core("GET", "/api/session").status(), 401u);
  EXPECT_EQ(root_.get("/api/session").status(), 401u) << "a token is no session";
}

TEST_F(SessionTest, StandsForItsUserWhereThereIsNoToken) {
  EXPECT_EQ(call("GET", "/api/users/self").text("/result/username"), "root");
  EXPECT_EQ(call("POST", "/api/devices", R"({"name":"d"})").status(), 200u);
  EXPECT_EQ(call("GET", "/api/users/self", "", {{"Authorization", "Bearer " + ann_.token()}}).text("/result/username"),
            "ann");
  EXPECT_EQ(call("GET", "/api/users/self", "", {{"Authorization", "Basic x"}}).status(), 401u);
  cookie_ = "iotplatform_session=nonsense";
  EXPECT_EQ(call("GET", "/api/users/self").status(), 401u);
  cookie_ = "iotplatform_session=";
  EXPECT_EQ(call("GET", "/api/users/self").status(), 401u);
}

TEST_F(SessionTest, OfADevicesOrConsumersTokenIsNone) {
  const std::string device = root_.add_device();
  cookie_ = "iotplatform_session=" + root_.get("/api/devices/" + device + "/key").text("/token");
  EXPECT_EQ(call("GET", "/api/users/self").status(), 403u);
}

TEST_F(SessionTest, EndsWithAChangeOfItsUser) {
  EXPECT_EQ(call("PATCH", "/api/users/-1", R"({"password":"another one"})").status(), 200u);
  EXPECT_EQ(call("GET", "/api/session").text("/name"), "TokenRevoked");
}

TEST_F(SessionTest, ChangesNothingForPagesOfOtherSites) {
  const testing::Headers none;
  const testing::Headers other{{"Sec-Fetch-Site", "cross-site"}};
  const testing::Headers sibling{{"Sec-Fetch-Site", "same-site"}};
  const testing::Headers by_hand{{"Sec-Fetch-Site", "none"}};
  const testing::Headers other_port{{"Origin", "http://a:1"}, {"Host", "a:2"}};
  for (const auto* headers : {&none, &other, &sibling, &by_hand, &other_port}) {
    const auto refused = call("POST", "/api/devices", R"({"name":"d"})", *headers);
    EXPECT_EQ(refused.status(), 403u);
    EXPECT_EQ(refused.text("/name"), "CrossSiteRequest");
    EXPECT_EQ(call("GET", "/api/users/self", "", *headers).status(), 200u) << "what cannot be read may be fetched";
  }
  EXPECT_EQ(call("POST", "/api/devices", R"({"name":"d"})", {{"Origin", "http://a"}, {"Host", "a"}}).status(), 200u);
  testing::Headers with_token = other;
  with_token.emplace_back("Authorization", "Bearer " + root_.token());
  EXPECT_EQ(call("POST", "/api/devices", R"({"name":"d"})", with_token).status(), 200u)
      << "a page that has the token needs no cookie";
}

TEST_F(SessionTest, EndsByClearingTheCookie) {
  for (int i = 0; i < 2; ++i) {
    const auto ended = i == 0 ? call("DELETE", "/api/session") : platform_.core("DELETE", "/api/session");
    EXPECT_EQ(ended.status(), 200u);
    EXPECT_EQ(ended.response.body, R"({"result":{}})");
    EXPECT_EQ(ended.header("Set-Cookie"), "iotplatform_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
  }
}

TEST_F(SessionTest, IsNeitherBegunNorEndedByPagesOfOtherSites) {
  for (const testing::Headers& headers : {testing::Headers{{"Sec-Fetch-Site", "cross-site"}},
                                          {{"Sec-Fetch-Site", "same-site"}},
                                          {{"Origin", "http://evil.test"}, {"Host", "a"}},
                                          {{"Origin", "null"}, {"Host", "a"}}}) {
    for (const char* method : {"POST", "DELETE"}) {
      const auto refused = platform_.core(method, "/api/session", root_signs_in, headers);
      EXPECT_EQ(refused.status(), 403u);
      EXPECT_EQ(refused.text("/name"), "CrossSiteRequest");
      EXPECT_EQ(refused.header("Set-Cookie"), "");
    }
  }
}

TEST_F(SessionTest, IsBrakedAsEverySignIn) {
  const auto guess = [&] {
    return platform_.core("POST", "/api/session", R"({"username":"root","password":"wrong"})");
  };
  for (int i = 0; i < 3; ++i) {
    const auto refused = guess();
    EXPECT_EQ(refused.status(), 401u);
    EXPECT_EQ(refused.header("Set-Cookie"), "");
  }
  EXPECT_EQ(guess().status(), 429u);
  EXPECT_EQ(sign_in().status(), 429u) << "even with the right one";
  EXPECT_EQ(platform_.core("POST", "/api/session", R"({"username":"root"})").status(), 422u);
}

}  // namespace
}  // namespace iot::api
