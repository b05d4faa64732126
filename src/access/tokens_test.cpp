#include "access/tokens.h"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include "access/base64url.h"
#include "access/testing/test_key.h"

namespace iot::access {
namespace {

namespace json = boost::json;
using std::chrono::seconds;

constexpr std::int64_t start_s = 1'526'717'967;

class TokensTest : public ::testing::Test {
 protected:
  explicit TokensTest(TokenOptions options = {}) : tokens_(std::move(options), clock_) { tokens_.set_key(key_); }

  json::object header() const { return {{"alg", "RS256"}, {"typ", "JWT"}, {"kid", json::string(key_->key_id())}}; }
  static json::object payload() {
    return {{"iss", "iotplatform"}, {"sub", "3"}, {"aud", "device"}, {"jti", "a"}, {"iat", start_s}, {"ver", 1}};
  }
  std::string signed_token(const json::object& its_header, const json::object& its_payload) const {
    return testing::sign(*key_, json::serialize(its_header), json::serialize(its_payload));
  }
  std::string with_claim(std::string_view name, json::value value) const {
    json::object claims = payload();
    claims[name] = std::move(value);
    return signed_token(header(), claims);
  }
  std::string without_claim(std::string_view name) const {
    json::object claims = payload();
    claims.erase(name);
    return signed_token(header(), claims);
  }
  std::string with_header(std::string_view name, json::value value) const {
    json::object its_header = header();
    its_header[name] = std::move(value);
    return signed_token(its_header, payload());
  }
  /// The name of the code, or "ok". Asked twice: what was remembered must answer the same.
  std::string outcome(std::string_view token, Audience audience = Audience::device) const {
    const auto once = [&] {
      const auto verified = tokens_.verify(token, audience);
      return verified ? std::string("ok") : verified.error().code.message();
    };
    const std::string first = once();
    EXPECT_EQ(once(), first);
    return first;
  }

  ManualClock clock_;
  std::shared_ptr<const SigningKey> key_ = testing::test_key();
  Tokens tokens_;
};

TEST_F(TokensTest, SaysWhomItWasIssuedFor) {
  const Identity device{.audience = Audience::device, .subject = 3, .key_version = 7, .expires = {}};
  const auto token = tokens_.issue(device, {});
  ASSERT_TRUE(token);
  const auto identity = tokens_.verify(*token, Audience::device);
  ASSERT_TRUE(identity) << identity.error().message;
  EXPECT_EQ(identity->subject, 3);
  EXPECT_EQ(identity->key_version, 7u);
  EXPECT_EQ(identity->audience, Audience::device);
  EXPECT_FALSE(identity->expires);
}

TEST_F(TokensTest, HasTheFormOfTheContract) {
  const auto token =
      tokens_.issue({.audience = Audience::user, .subject = -1, .key_version = 1, .expires = {}}, seconds(60));
  ASSERT_TRUE(token);
  const std::size_t first = token->find('.');
  const std::size_t second = token->find('.', first + 1);
  const auto its_header = json::parse(*decode_base64url(token->substr(0, first))).as_object();
  const auto claims = json::parse(*decode_base64url(token->substr(first + 1, second - first - 1))).as_object();
  EXPECT_EQ(its_header.at("alg").as_string(), "RS256");
  EXPECT_EQ(std::string_view(its_header.at("kid").as_string()), key_->key_id());
  EXPECT_EQ(claims.at("iss").as_string(), "iotplatform");
  EXPECT_EQ(claims.at("sub").as_string(), "-1") << "a string, as the original's";
  EXPECT_EQ(claims.at("aud").as_string(), "user");
  EXPECT_EQ(claims.at("iat").as_int64(), start_s);
  EXPECT_EQ(claims.at("exp").as_int64(), start_s + 60);
  EXPECT_GE(claims.at("jti").as_string().size(), 22u);
}

TEST_F(TokensTest, NoTwoAreTheSame) {
  const Identity device{.audience = Audience::device, .subject = 3, .key_version = 1, .expires = {}};
  EXPECT_NE(*tokens_.issue(device, {}), *tokens_.issue(device, {}));
}

TEST_F(TokensTest, OneKindNeverPassesForAnother) {
  constexpr Audience kinds[] = {Audience::device, Audience::consumer, Audience::user};
  for (const Audience issued : kinds) {
    const auto token = tokens_.issue({.audience = issued, .subject = 3, .key_version = 1, .expires = {}}, {});
    ASSERT_TRUE(token);
    for (const Audience asked : kinds) {
      EXPECT_EQ(outcome(*token, asked), issued == asked ? "ok" : "wrong_kind_of_token");
    }
  }
}

TEST_F(TokensTest, ExpiresAtItsSecondPlusTheLeeway) {
  const auto token =
      tokens_.issue({.audience = Audience::device, .subject = 3, .key_version = 1, .expires = {}}, seconds(60));
  EXPECT_EQ(outcome(*token), "ok");
  clock_.advance(seconds(65) - std::chrono::nanoseconds(1));
  EXPECT_EQ(outcome(*token), "ok");
  clock_.advance(std::chrono::nanoseconds(1));
  EXPECT_EQ(outcome(*token), "token_expired");
}

TEST_F(TokensTest, IsNotValidBeforeItsTime) {
  const std::string early = with_claim("nbf", start_s + 10);
  EXPECT_EQ(outcome(early), "token_expired");
  clock_.advance(seconds(4));
  EXPECT_EQ(outcome(early), "token_expired");
  clock_.advance(seconds(1));
  EXPECT_EQ(outcome(early), "ok");
  EXPECT_EQ(outcome(with_claim("iat", start_s + 10)), "ok") << "within the leeway";
  EXPECT_EQ(outcome(with_claim("iat", start_s + 11)), "token_expired");
}

TEST_F(TokensTest, RefusesAnotherKeyOrAlgorithm) {
  const auto other = testing::other_test_key();
  const std::string claims = json::serialize(payload());
  EXPECT_EQ(outcome(testing::sign(*other, json::serialize(header()), claims)), "bad_signature");
  json::object its_header = header();
  its_header["kid"] = json::string(other->key_id());
  EXPECT_EQ(outcome(testing::sign(*other, json::serialize(its_header), claims)), "bad_signature");
  EXPECT_EQ(outcome(with_header("kid", json::value(json::string(other->key_id())))), "bad_signature");
  EXPECT_EQ(outcome(with_header("kid", 1)), "bad_signature");
  for (const char* algorithm :
       {"none", "None", "NONE", "rs256", "RS384", "RS512", "PS256", "HS256", "ES256", "", "RS256 "}) {
    EXPECT_EQ(outcome(with_header("alg", algorithm)), "bad_signature") << algorithm;
  }
  // The public key is public: as a secret for HMAC it proves nothing (RFC 8725 section 2.1).
  its_header = header();
  its_header["alg"] = "HS256";
  for (const std::string& secret : {testing::public_pem(*key_), key_->jwks_json(), std::string()}) {
    EXPECT_EQ(outcome(testing::sign_hs256(secret, json::serialize(its_header), claims)), "bad_signature");
  }
}

TEST_F(TokensTest, TakesNoKeyFromTheTokenItself) {
  const auto other = testing::other_test_key();
  json::object its_header = header();
  its_header["jwk"] = json::parse(other->jwks_json()).at("keys").at(0);
  its_header["jku"] = "https://attacker.example/jwks.json";
  its_header["x5c"] = json::array{"MIIB"};
  const std::string text = json::serialize(its_header);
  EXPECT_EQ(outcome(testing::sign(*other, text, json::serialize(payload()))), "bad_signature");
  EXPECT_EQ(outcome(testing::sign(*key_, text, json::serialize(payload()))), "ok") << "signed by us: it says nothing";
}

TEST_F(TokensTest, RefusesATokenWithoutSignature) {
  const std::string token = signed_token(header(), payload());
  EXPECT_EQ(outcome(token.substr(0, token.rfind('.') + 1)), "bad_signature");
  json::object none = header();
  none["alg"] = "none";
  const std::string bare = signed_token(none, payload());
  EXPECT_EQ(outcome(bare.substr(0, bare.rfind('.') + 1)), "bad_signature");
}

TEST_F(TokensTest, RefusesAnyChangedCharacter) {
  const std::string token = signed_token(header(), payload());
  EXPECT_EQ(outcome(token), "ok");
  for (std::size_t at = 0; at < token.size(); ++at) {
    std::string changed = token;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    EXPECT_NE(outcome(changed), "ok") << at;
    changed = token;
    changed.erase(at, 1);
    EXPECT_NE(outcome(changed), "ok") << at;
  }
  for (const char* suffix : {"=", "==", ".", "A", " ", "\n", ".AAAA"})
    EXPECT_NE(outcome(token + suffix), "ok") << suffix;
}

TEST_F(TokensTest, RefusesOtherForms) {
  const std::string token = signed_token(header(), payload());
  for (const std::string& bad : {std::string(), std::string("."), std::string(".."), std::string("a.b"), "..." + token,
                                 "Bearer " + token, json::serialize(json::object{{"payload", "x"}, {"signature", "y"}}),
                                 std::string(4'097, 'a'), std::string("\0..", 3)}) {
    EXPECT_EQ(outcome(bad), "malformed_token") << bad;
  }
  EXPECT_EQ(outcome(with_header("crit", json::array{"exp"})), "malformed_token");
  EXPECT_EQ(outcome(with_header("typ", "at+jwt")), "malformed_token");
  EXPECT_EQ(outcome(with_header("typ", 1)), "malformed_token");
  EXPECT_EQ(outcome(with_header("typ", "jwt")), "ok");
  for (const char* bad : {"", "[]", "1", "{", "{} {}", R"({"alg":"RS256","alg":"RS256"})", R"({"typ":"JWT"})", "\xff",
                          R"({"alg":"HS256","alg":"RS256"})", R"({"alg":["RS256"]})"}) {
    EXPECT_EQ(outcome(testing::sign(*key_, bad, json::serialize(payload()))), "malformed_token") << bad;
  }
  json::object its_header = header();
  its_header.erase("typ");
  EXPECT_EQ(outcome(signed_token(its_header, payload())), "ok");
  its_header.erase("kid");
  EXPECT_EQ(outcome(signed_token(its_header, payload())), "malformed_token");
}

TEST_F(TokensTest, RefusesClaimsThatAreMissingOrOfAnotherTypeOrRange) {
  EXPECT_EQ(outcome(signed_token(header(), payload())), "ok");
  for (const char* name : {"iss", "sub", "aud", "jti", "iat", "ver"}) {
    EXPECT_EQ(outcome(without_claim(name)), "malformed_token") << name;
    EXPECT_EQ(outcome(with_claim(name, nullptr)), "malformed_token") << name;
    EXPECT_EQ(outcome(with_claim(name, json::array{"device"})), "malformed_token") << name;
    EXPECT_EQ(outcome(with_claim(name, "")), "malformed_token") << name;
    EXPECT_EQ(outcome(with_claim(name, true)), "malformed_token") << name;
  }
  for (const char* subject : {"03", "+3", " 3", "3 ", "-0", "3.0", "1e3", "9223372036854775808", "x"}) {
    EXPECT_EQ(outcome(with_claim("sub", subject)), "malformed_token") << subject;
  }
  EXPECT_EQ(outcome(with_claim("sub", 3)), "malformed_token");
  for (const char* audience : {"Device", "devices", "device consumer", "admin"}) {
    EXPECT_EQ(outcome(with_claim("aud", audience)), "malformed_token") << audience;
  }
  EXPECT_EQ(outcome(with_claim("aud", json::array{"device", "user"})), "malformed_token");
  EXPECT_EQ(outcome(with_claim("iss", "IotPlatform")), "malformed_token");
  for (const char* name : {"iat", "exp", "nbf"}) {
    for (const json::value& bad : {json::value(-1), json::value(1.5), json::value("1"), json::value(nullptr),
                                   json::value(9'223'372'037), json::value(std::uint64_t(1) << 63)}) {
      EXPECT_EQ(outcome(with_claim(name, bad)), "malformed_token") << name << json::serialize(bad);
    }
  }
  EXPECT_EQ(outcome(with_claim("exp", 9'223'372'036)), "ok");
  EXPECT_EQ(outcome(with_claim("exp", 0)), "token_expired");
  EXPECT_EQ(outcome(with_claim("ver", 0)), "malformed_token") << "only a legacy token has version 0";
  EXPECT_EQ(outcome(with_claim("ver", -1)), "malformed_token");
  EXPECT_EQ(outcome(with_claim("ver", 1.0)), "malformed_token");
  EXPECT_EQ(outcome(with_claim("of_another_program", json::object{{"x", 1}})), "ok");
  const std::string head = json::serialize(header());
  for (const char* bad : {"", "[]", "null", "\"x\"", "{}x"}) {
    EXPECT_EQ(outcome(testing::sign(*key_, head, bad)), "malformed_token") << bad;
  }
  std::string twice = json::serialize(payload());
  twice.insert(1, R"("sub":"4",)");
  EXPECT_EQ(outcome(testing::sign(*key_, head, twice)), "malformed_token");
}

TEST_F(TokensTest, LivesAtMostToTheEndOfTime) {
  const Identity device{.audience = Audience::device, .subject = 3, .key_version = 1, .expires = {}};
  const auto token = tokens_.issue(device, std::chrono::seconds::max());
  ASSERT_TRUE(token);
  EXPECT_EQ(outcome(*token), "ok");
}

TEST_F(TokensTest, LegacyTokensAreRefusedByDefault) {
  EXPECT_EQ(outcome(testing::sign(*key_, R"({"alg":"RS256","typ":"JWT"})", R"({"iss":"iotplatform","sub":"3"})")),
            "malformed_token");
}

class LegacyTokensTest : public TokensTest {
 protected:
  LegacyTokensTest() : TokensTest(TokenOptions{.accept_legacy = true}) {}
};

TEST_F(LegacyTokensTest, AreADevicesOrAConsumersButNeverAUsers) {
  const std::string token =
      testing::sign(*key_, R"({"alg":"RS256","typ":"JWT"})", R"({"iss":"iotplatform","sub":"3"})");
  EXPECT_EQ(outcome(token, Audience::device), "ok");
  EXPECT_EQ(outcome(token, Audience::consumer), "ok");
  EXPECT_EQ(outcome(token, Audience::user), "wrong_kind_of_token");
  const auto identity = tokens_.verify(token, Audience::consumer);
  EXPECT_EQ(identity->key_version, 0u);
  EXPECT_EQ(identity->audience, Audience::consumer);
  EXPECT_TRUE(is_current(*identity, 1)) << "until the key is rotated";
  EXPECT_FALSE(is_current(*identity, 2));
}

TEST_F(LegacyTokensTest, AreStillSignedAndOfOurIssuerAndOfOneKind) {
  const char* head = R"({"alg":"RS256"})";
  EXPECT_EQ(outcome(testing::sign(*testing::other_test_key(), head, R"({"iss":"iotplatform","sub":"3"})")),
            "bad_signature");
  EXPECT_EQ(outcome(testing::sign(*key_, R"({"alg":"none"})", R"({"iss":"iotplatform","sub":"3"})")), "bad_signature");
  EXPECT_EQ(outcome(testing::sign(*key_, head, R"({"iss":"other","sub":"3"})")), "malformed_token");
  EXPECT_EQ(outcome(testing::sign(*key_, head, R"({"sub":"3"})")), "malformed_token");
  EXPECT_EQ(outcome(testing::sign(*key_, head, R"({"iss":"iotplatform","sub":"3","exp":1})")), "token_expired");
  const std::string consumers = testing::sign(*key_, head, R"({"iss":"iotplatform","sub":"3","aud":"consumer"})");
  EXPECT_EQ(outcome(consumers, Audience::device), "wrong_kind_of_token");
  const std::string users = testing::sign(*key_, head, R"({"iss":"iotplatform","sub":"-1","aud":"user"})");
  EXPECT_EQ(outcome(users, Audience::user), "wrong_kind_of_token");
  EXPECT_EQ(outcome(without_claim("aud")), "ok") << "kid, but no aud";
  EXPECT_EQ(outcome(without_claim("jti")), "malformed_token") << "both are there: it is one of ours, and must be whole";
}

TEST(TokensWithoutKey, SayThatTheyAreNotReady) {
  ManualClock clock;
  Tokens tokens({}, clock);
  EXPECT_FALSE(tokens.has_key());
  EXPECT_EQ(tokens.jwks_json(), R"({"keys":[]})");
  const auto issued = tokens.issue({}, {});
  ASSERT_FALSE(issued);
  EXPECT_TRUE(is(issued.error(), Errc::not_ready));
  EXPECT_TRUE(is(tokens.verify("x", Audience::device).error(), Errc::not_ready));
  tokens.set_key(testing::test_key());
  EXPECT_TRUE(tokens.has_key());
  EXPECT_TRUE(tokens.issue({}, {}));
}

TEST(TokenCurrency, NeedsTheVersionOfTheRegistry) {
  Identity identity;
  identity.key_version = 2;
  EXPECT_FALSE(is_current(identity, 1));
  EXPECT_TRUE(is_current(identity, 2));
  EXPECT_FALSE(is_current(identity, 3));
}

TEST(BearerToken, IsTheSecondOfTwoWords) {
  EXPECT_EQ(bearer_token("Bearer a.b.c"), "a.b.c");
  EXPECT_EQ(bearer_token("bearer   a.b.c"), "a.b.c");
  EXPECT_EQ(bearer_token("BEARER a.b.c  "), "a.b.c");
  for (const char* bad : {"", "Bearer", "Bearer ", "Bearer   ", "Bearera.b.c", "Basic a.b.c", "a.b.c", "Bearer a b",
                          "Bearer a,b", "Bearer\ta", " Bearer a", "Bearer \"a\"", "Bearer \x01", "Bearer \xC3\xA4"}) {
    EXPECT_FALSE(bearer_token(bad)) << bad;
  }
}

}  // namespace
}  // namespace iot::access
