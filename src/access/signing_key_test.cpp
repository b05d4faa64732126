#include <fstream>

#include <boost/json/parse.hpp>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "access/rsa_key.h"
#include "access/testing/test_key.h"

namespace iot::access {
namespace {

namespace fs = std::filesystem;

class SigningKeyTest : public ::testing::Test {
 protected:
  fs::path write(std::string_view text, fs::perms mode = fs::perms::owner_read) {
    const fs::path file = directory_.path() / "written.pem";
    fs::remove(file);
    std::ofstream(file) << text;
    fs::permissions(file, mode);
    return file;
  }
  std::string why_not(const fs::path& file) {
    const auto loaded = SigningKey::load(file);
    return loaded ? "" : loaded.error().message;
  }

  testing::TemporaryDirectory directory_;
};

TEST_F(SigningKeyTest, IsReadableByItsOwnerAloneAndReadsBackTheSame) {
  const fs::path file = directory_.path() / "key.pem";
  const mode_t before = ::umask(0);
  const auto made = SigningKey::create(file, 2'048);
  ::umask(before);
  ASSERT_TRUE(made) << made.error().message;
  struct stat status {};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
  const auto loaded = SigningKey::load(file);
  ASSERT_TRUE(loaded);
  EXPECT_EQ((*loaded)->key_id(), (*made)->key_id());
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_.path()), {}), 1) << "no temporary file is left";
}

TEST_F(SigningKeyTest, IsNeverReplaced) {
  const fs::path file = write("precious");
  EXPECT_FALSE(SigningKey::create(file, 2'048));
  std::string kept;
  std::ifstream(file) >> kept;
  EXPECT_EQ(kept, "precious");
}

TEST_F(SigningKeyTest, SaysWhereItCannotBeMade) {
  const auto made = SigningKey::create(directory_.path() / "missing" / "key.pem", 2'048);
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message.find("missing"), std::string::npos);
}

TEST_F(SigningKeyTest, RefusesAFileThatOthersMayRead) {
  const fs::path file = directory_.path() / "key.pem";
  ASSERT_TRUE(SigningKey::create(file, 2'048));
  for (const unsigned mode : {0640u, 0604u, 0620u, 0602u, 0610u, 0601u}) {
    ASSERT_EQ(::chmod(file.c_str(), mode), 0);
    const auto loaded = SigningKey::load(file);
    ASSERT_FALSE(loaded) << mode;
    EXPECT_TRUE(is(loaded.error(), Errc::key_unusable));
    EXPECT_NE(loaded.error().message.find("chmod 600"), std::string::npos);
  }
  for (const unsigned mode : {0600u, 0400u}) {
    ASSERT_EQ(::chmod(file.c_str(), mode), 0);
    EXPECT_TRUE(SigningKey::load(file)) << mode;
  }
}

TEST_F(SigningKeyTest, RefusesWhatIsNoPrivateKey) {
  EXPECT_NE(why_not(write("")), "");
  EXPECT_NE(why_not(write("hello")), "");
  EXPECT_NE(why_not(write(testing::public_pem(*testing::test_key()))), "");
  EXPECT_NE(why_not(write(std::string(70'000, 'x'))), "");
  EXPECT_NE(why_not(directory_.path()), "") << "a directory";
  const auto missing = SigningKey::load(directory_.path() / "missing");
  ASSERT_FALSE(missing);
  EXPECT_EQ(failure_of(missing.error()), Failure::not_found);
}

TEST_F(SigningKeyTest, RefusesAKeyThatIsTooShort) {
  const auto made = SigningKey::create(directory_.path() / "short.pem", 1'024);
  ASSERT_FALSE(made);
  EXPECT_TRUE(is(made.error(), Errc::key_unusable));
  EXPECT_FALSE(fs::exists(directory_.path() / "short.pem"));
}

TEST_F(SigningKeyTest, ShowsItsPublicHalfAndNothingElse) {
  const auto key = testing::test_key();
  const auto set = boost::json::parse(key->jwks_json()).as_object();
  ASSERT_EQ(set.at("keys").as_array().size(), 1u);
  const auto& jwk = set.at("keys").as_array()[0].as_object();
  EXPECT_EQ(jwk.size(), 6u) << "n and e, and none of the private numbers";
  EXPECT_EQ(jwk.at("kty").as_string(), "RSA");
  EXPECT_EQ(jwk.at("alg").as_string(), "RS256");
  EXPECT_EQ(jwk.at("use").as_string(), "sig");
  EXPECT_EQ(jwk.at("e").as_string(), "AQAB");
  EXPECT_EQ(jwk.at("n").as_string().size(), 342u);
  EXPECT_EQ(std::string_view(jwk.at("kid").as_string()), key->key_id());
  EXPECT_NE(key->key_id(), testing::other_test_key()->key_id());
}

TEST(JwkThumbprint, IsThatOfTheExampleInRfc7638) {
  const JwkNumbers numbers{
      "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_"
      "BJECPebWKRXjBZCiFV4n3oknjhM"
      "stn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_"
      "FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5"
      "hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-"
      "kEgU8awapJzKnqDKgw",
      "AQAB"};
  EXPECT_EQ(jwk_thumbprint(numbers), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

}  // namespace
}  // namespace iot::access
