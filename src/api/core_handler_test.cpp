// What is the same for each operation: forms of requests, errors, headers; and what is not about things.
#include <gtest/gtest.h>

#include "api/testing/world.h"

namespace iot::api {
namespace {

class CoreHandlerTest : public testing::ApiTest {};

struct BadRequest {
  const char* what;
  const char* method;
  const char* target;
  std::string body;
  unsigned status;
  const char* field;  ///< of the first error; null: any
};

TEST_F(CoreHandlerTest, RefusesWhatIsWrongAndSaysWhatIt) {
  const std::string device = root_.add_device();
  const std::vector<BadRequest> all = {
      {"no JSON", "POST", "/api/devices", "{", 400, ""},
      {"nothing", "POST", "/api/devices", "", 400, nullptr},
      {"blanks", "POST", "/api/devices", "  ", 400, nullptr},
      {"two values", "POST", "/api/devices", R"({"name":"a"}{"name":"b"})", 400, nullptr},
      {"bad UTF-8", "POST", "/api/devices", "{\"name\":\"\xff\"}", 400, nullptr},
      {"a lone surrogate", "POST", "/api/devices", R"({"name":"\ud800"})", 400, nullptr},
      {"a comment", "POST", "/api/devices", "{/**/\"name\":\"a\"}", 400, nullptr},
      {"a comma too many", "POST", "/api/devices", R"({"name":"a",})", 400, nullptr},
      {"NaN", "POST", "/api/devices", R"({"name":"a","retention":NaN})", 400, nullptr},
      {"a member twice", "POST", "/api/devices", R"({"name":"a","name":"b"})", 400, "name"},
      {"a member twice inside", "POST", "/api/devices/$/sensors",
       R"({"name":"a","mapping":{"type":"long","type":"long"}})", 400, "mapping.type"},
      {"nested too deep", "POST", "/api/devices", std::string(17, '[') + std::string(17, ']'), 400, nullptr},
      {"nested far too deep", "POST", "/api/devices", std::string(100'000, '['), 400, nullptr},
      {"nested as deep as is allowed", "POST", "/api/devices", std::string(16, '[') + std::string(16, ']'), 422,
       nullptr},
      {"an array", "POST", "/api/devices", "[]", 422, nullptr},
      {"a text", "POST", "/api/devices", "\"x\"", 422, nullptr},
      {"null", "POST", "/api/devices", "null", 422, nullptr},
      {"a name missing", "POST", "/api/devices", "{}", 422, "name"},
      {"an empty name", "POST", "/api/devices", R"({"name":""})", 422, "name"},
      {"a number as name", "POST", "/api/devices", R"({"name":5})", 422, "name"},
      {"null as name", "POST", "/api/devices", R"({"name":null})", 422, "name"},
      {"a name too long", "POST", "/api/devices", "{\"name\":\"" + std::string(257, 'a') + "\"}", 422, "name"},
      {"an unknown member", "POST", "/api/devices", R"({"name":"a","owner":"1"})", 422, "owner"},
      {"an id that is given", "POST", "/api/devices", R"({"name":"a","id":"1"})", 422, "id"},
      {"a retention of nothing", "POST", "/api/devices", R"({"name":"a","retention":0})", 422, "retention"},
      {"a mapping missing", "POST", "/api/devices/$/sensors", R"({"name":"a"})", 422, "mapping"},
      {"a mapping of no type", "POST", "/api/devices/$/sensors", R"({"name":"a","mapping":{}})", 422, "mapping"},
      {"an unknown type", "POST", "/api/devices/$/sensors", R"({"name":"a","mapping":{"type":"complex"}})", 422,
       "mapping.type"},
      {"a path upwards", "POST", "/api/devices/$/sensors", R"({"name":"a","path":"..","mapping":{"type":"long"}})", 422,
       "path"},
      {"a body where none is taken", "POST", "/api/devices/$/key/rotate", R"({"x":1})", 422, nullptr},
      {"no JSON where nothing is taken", "POST", "/api/devices/$/key/rotate", "x", 400, nullptr},
      {"an unknown parameter", "GET", "/api/devices?page=2", "", 422, "page"},
      {"a parameter twice", "GET", "/api/devices?name=a&name=b", "", 422, "name"},
      {"a parameter where none is taken", "GET", "/api/users/self?x=1", "", 422, "x"},
      {"bad percent-encoding of a parameter", "GET", "/api/devices?name=%f", "", 400, nullptr},
      {"bad percent-encoding of the path", "GET", "/api/devices/%f", "", 400, nullptr},
      {"an id that is no number", "GET", "/api/devices/me", "", 404, nullptr},
      {"an id out of range", "GET", "/api/devices/99999999999999999999", "", 404, nullptr},
      {"an id in another form", "GET", "/api/devices/01", "", 404, nullptr},
      {"an id with a slash", "GET", "/api/devices/$%2fkey", "", 404, nullptr},
      {"no such path", "GET", "/api/things", "", 404, nullptr},
      {"another method", "PUT", "/api/devices", "{}", 405, nullptr},
      {"an unknown method", "BREW", "/api/devices", "{}", 405, nullptr},
      {"a sign-in without password", "POST", "/api/users/signin", R"({"username":"root"})", 422, "password"},
      {"a sign-in with a long password", "POST", "/api/users/signin",
       R"({"username":"root","password":")" + std::string(1'025, 'x') + "\"}", 422, "password"},
      {"a role that is none", "POST", "/api/users", R"({"username":"x","password":"12345678","role":"god"})", 422,
       "role"},
  };
  for (const BadRequest& each : all) {
    std::string target = each.target;
    if (const std::size_t at = target.find('$'); at != target.npos) target.replace(at, 1, device);
    const auto reply = root_.call(each.method, target, each.body);
    EXPECT_EQ(reply.status(), each.status) << each.what << ": " << reply.response.body;
    EXPECT_FALSE(reply.text("/name").empty()) << each.what;
    EXPECT_FALSE(reply.text("/errors/0/message").empty()) << each.what;
    EXPECT_EQ(reply.response.content_type, "application/json") << each.what;
    if (each.field && *each.field) {
      EXPECT_EQ(reply.text("/errors/0/field"), each.field) << each.what;
    }
  }
}

TEST_F(CoreHandlerTest, TakesJsonAndNothingElse) {
  const auto post = [&](testing::Headers headers) {
    headers.emplace_back("Authorization", "Bearer " + root_.token());
    return platform_.core("POST", "/api/devices", R"({"name":"a"})", std::move(headers)).status();
  };
  EXPECT_EQ(post({}), 200u);
  for (const char* good :
       {"application/json", "Application/JSON", "application/json; charset=utf-8", "application/merge-patch+json"}) {
    EXPECT_EQ(post({{"Content-Type", good}}), 200u) << good;
  }
  for (const char* bad :
       {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonx"}) {
    EXPECT_EQ(post({{"content-type", bad}}), 415u) << bad;
  }
}

TEST_F(CoreHandlerTest, WantsATokenInTheRightForm) {
  for (const char* header : {"", "Bearer", "Bearer ", "Basic cm9vdDp4", "token"}) {
    const auto reply = platform_.core("GET", "/api/devices", "", {{"Authorization", header}});
    EXPECT_EQ(reply.status(), 401u) << header;
    EXPECT_EQ(reply.text("/name"), "Unauthorized");
    EXPECT_EQ(reply.header("WWW-Authenticate"), "Bearer realm=\"iotplatform\"");
  }
  EXPECT_EQ(platform_.core("GET", "/api/devices", "", {{"authorization", "bearer " + root_.token()}}).status(), 200u);
}

TEST_F(CoreHandlerTest, TellsTheAllowedMethods) {
  EXPECT_EQ(root_.call("PUT", "/api/devices").header("Allow"), "GET, HEAD, POST");
  EXPECT_EQ(root_.call("POST", "/healthz").header("Allow"), "GET, HEAD");
  EXPECT_EQ(root_.call("OPTIONS", "/api/devices").header("Access-Control-Allow-Origin"), "") << "no CORS";
}

TEST(BodyBound, IsCheckedAtBelowAndAbove) {
  testing::Platform platform(ApiOptions{.body_bytes_max = 20});
  testing::Client root(platform, platform.token_of("-1"));
  EXPECT_EQ(root.post("/api/devices", R"({"name":"12345678"})").status(), 200u);
  EXPECT_EQ(root.post("/api/devices", R"({"name":"123456789"})").status(), 200u);
  EXPECT_EQ(root.post("/api/devices", R"({"name":"1234567890"})").status(), 413u);
}

TEST_F(CoreHandlerTest, SecurityHeadersAreOnEveryAnswer) {
  for (const char* target :
       {"/", "/healthz", "/api/devices", "/api/nothing", "/api/docs", "/api/consumers/consume/1"}) {
    const auto reply = platform_.core("GET", target);
    EXPECT_EQ(reply.header("X-Content-Type-Options"), "nosniff") << target;
    EXPECT_EQ(reply.header("X-Frame-Options"), "DENY") << target;
    EXPECT_NE(reply.header("Content-Security-Policy").find("default-src 'none'"), std::string::npos) << target;
    EXPECT_EQ(reply.header("Content-Security-Policy").find("unsafe"), std::string::npos) << target;
  }
  const auto refused = platform_.core_handler().refuse(431, "the header is too large");
  EXPECT_EQ(refused.status, 431u);
  EXPECT_NE(refused.body.find("the header is too large"), std::string::npos);
}

TEST_F(CoreHandlerTest, PagesFetchNothingFromElsewhereAndHoldNoScript) {
  for (const char* target : {"/api/docs", "/api/docs/"}) {
    const auto page = platform_.core("GET", target);
    EXPECT_TRUE(page.response.content_type.starts_with("text/html"));
    EXPECT_EQ(page.response.body.find("http"), std::string::npos) << target;
    EXPECT_EQ(page.response.body.find("<script>"), std::string::npos) << target;
    EXPECT_EQ(page.response.body.find("style="), std::string::npos) << target;
    // What the page names is there.
    for (std::size_t at = 0; (at = page.response.body.find("=\"/", at)) != std::string::npos; ++at) {
      const std::string link = page.response.body.substr(at + 2, page.response.body.find('"', at + 2) - at - 2);
      EXPECT_EQ(platform_.core("GET", link).status(), 200u) << link;
    }
  }
  EXPECT_EQ(platform_.core("GET", "/api/docs/docs.js").response.body.find("innerHTML"), std::string::npos);
}

TEST_F(CoreHandlerTest, HealthReadinessMetricsAndKeys) {
  EXPECT_EQ(platform_.core("GET", "/healthz").text("/status"), "ok");
  EXPECT_EQ(platform_.core("GET", "/readyz").status(), 200u);
  platform_.readiness.parts.push_back({"signing_key", false, "the key is still being made"});
  const auto not_ready = platform_.core("GET", "/readyz");
  EXPECT_EQ(not_ready.status(), 503u);
  EXPECT_EQ(not_ready.text("/parts/1/message"), "the key is still being made");
  const auto metrics = platform_.core("GET", "/metrics");
  EXPECT_NE(metrics.response.body.find("iotplatform_api_sign_ins_total"), std::string::npos);
  EXPECT_EQ(platform_.core("GET", "/api/jwks.json").response.body, platform_.tokens.jwks_json());
  EXPECT_EQ(platform_.core("GET", "/api/openapi.json").text("/openapi"), "3.1.0");
}

}  // namespace
}  // namespace iot::api
