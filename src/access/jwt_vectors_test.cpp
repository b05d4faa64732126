// Runs Project Wycheproof's vectors, kept beside the checkout, through the code that verifies our tokens.
#include <filesystem>
#include <fstream>
#include <iterator>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>

#include "access/base64url.h"
#include "access/compact_token.h"
#include "access/rsa_key.h"

namespace iot::access {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

fs::path vectors() {
  return fs::path(IOT_SOURCE_DIR).parent_path() / "shared" / "jwt-vectors";
}

json::object read(const char* name) {
  std::ifstream file(vectors() / name);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return json::parse(text).as_object();
}

std::string text_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value && value->is_string() ? std::string(value->as_string()) : std::string();
}

/// Our keys come from a file of our own, so the program reads no JWK. What a JWK says of its use is heeded here.
KeyPtr rsa_key_of(const json::object& jwk) {
  if (text_of(jwk, "kty") != "RSA") return nullptr;
  if (const std::string use = text_of(jwk, "use"); !use.empty() && use != "sig") return nullptr;
  if (const std::string algorithm = text_of(jwk, "alg"); !algorithm.empty() && algorithm != "RS256") return nullptr;
  if (const json::value* operations = jwk.if_contains("key_ops")) {
    bool verifies = false;
    for (const json::value& each : operations->as_array()) verifies |= each == "verify" || each == "sign";
    if (!verifies) return nullptr;
  }
  const auto modulus = decode_base64url(text_of(jwk, "n"));
  const auto exponent = decode_base64url(text_of(jwk, "e"));
  if (!modulus || !exponent) return nullptr;
  const auto number = [](const std::string& bytes) {
    return BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()), nullptr);
  };
  OSSL_PARAM_BLD* builder = OSSL_PARAM_BLD_new();
  BIGNUM* n = number(*modulus);
  BIGNUM* e = number(*exponent);
  OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n);
  OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e);
  OSSL_PARAM* parameters = OSSL_PARAM_BLD_to_param(builder);
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr);
  EVP_PKEY* key = nullptr;
  EVP_PKEY_fromdata_init(context);
  EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters);
  EVP_PKEY_CTX_free(context);
  OSSL_PARAM_free(parameters);
  BN_free(n);
  BN_free(e);
  OSSL_PARAM_BLD_free(builder);
  return KeyPtr(key);
}

const json::object& key_of(const json::object& group) {
  return (group.contains("public") ? group.at("public") : group.at("private")).as_object();
}

bool accepted(const json::value& token, EVP_PKEY* key) {
  // JSON serialization is not taken in any place of ours: only the compact form is a token.
  if (!token.is_string()) return false;
  return key && check_rsa_key(key) && verify_rs256(std::string_view(token.get_string()), key);
}

class JwtVectors : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(vectors())) GTEST_SKIP() << "no vectors at " << vectors();
  }
};

TEST_F(JwtVectors, SignaturesAreJudgedAsTheVectorsSay) {
  const json::object file = read("json_web_signature_test.json");
  std::size_t run = 0;
  std::size_t good = 0;
  for (const json::value& each : file.at("testGroups").as_array()) {
    const json::object& group = each.as_object();
    const KeyPtr key = rsa_key_of(key_of(group));
    for (const json::value& test : group.at("tests").as_array()) {
      ++run;
      // Tokens of other algorithms are refused, whatever else is right about them: the key is ours, and is for RS256.
      const bool wanted = test.at("result") == "valid" && text_of(key_of(group), "alg") == "RS256";
      good += wanted;
      EXPECT_EQ(accepted(test.at("jws"), key.get()), wanted) << test.at("tcId") << " " << test.at("comment");
    }
  }
  EXPECT_EQ(run, static_cast<std::size_t>(file.at("numberOfTests").to_number<std::int64_t>()));
  EXPECT_GE(good, 8u) << "valid RS256 tokens";
}

TEST_F(JwtVectors, TokensOfOtherAlgorithmsAreRefusedWithAnRsaKeyToo) {
  const json::object file = read("json_web_signature_test.json");
  std::vector<KeyPtr> keys;
  for (const json::value& group : file.at("testGroups").as_array()) {
    if (KeyPtr key = rsa_key_of(key_of(group.as_object()))) keys.push_back(std::move(key));
  }
  ASSERT_FALSE(keys.empty());
  std::size_t run = 0;
  for (const json::value& each : file.at("testGroups").as_array()) {
    const std::string algorithm = text_of(key_of(each.as_object()), "alg");
    // Groups that name no algorithm hold RS256 tokens with keys meant for encryption.
    if (algorithm.empty() || algorithm == "RS256") continue;
    for (const json::value& test : each.at("tests").as_array()) {
      for (const KeyPtr& key : keys) EXPECT_FALSE(accepted(test.at("jws"), key.get())) << test.at("tcId");
      ++run;
    }
  }
  EXPECT_GT(run, 100u);
}

TEST_F(JwtVectors, KeysAreJudgedAsTheVectorsSay) {
  const json::object file = read("json_web_key_test.json");
  std::size_t run = 0;
  std::size_t good = 0;
  for (const json::value& each : file.at("testGroups").as_array()) {
    const auto& keys = key_of(each.as_object()).at("keys").as_array();
    for (const json::value& test : each.at("tests").as_array()) {
      ++run;
      // Of sets and of keys for other algorithms nothing is taken: we have one key, and it is for RS256.
      const KeyPtr key = keys.size() == 1 ? rsa_key_of(keys[0].as_object()) : nullptr;
      const bool wanted =
          test.at("result") == "valid" && keys.size() == 1 && text_of(keys[0].as_object(), "kty") == "RSA";
      good += wanted;
      EXPECT_EQ(accepted(test.at("jws"), key.get()), wanted) << test.at("tcId") << " " << test.at("comment");
    }
  }
  EXPECT_EQ(run, static_cast<std::size_t>(file.at("numberOfTests").to_number<std::int64_t>()));
  EXPECT_GE(good, 1u);
}

}  // namespace
}  // namespace iot::access
