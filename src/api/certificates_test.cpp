#include <gtest/gtest.h>

#include "access/testing/test_certificates.h"
#include "api/testing/world.h"
#include "base/fingerprint.h"
#include "base/json_writer.h"

namespace iot::api {
namespace {

const std::string with_colons = access::testing::first_certificate_fingerprint;
const std::string plain = parse_fingerprint(with_colons)->to_string();

std::string body(std::string_view member, std::string_view value, std::string_view name = "spare") {
  std::string text;
  JsonWriter json(text);
  json.begin_object().key("name").string(name).key(member).string(value).end_object();
  return text;
}

class CertificatesTest : public testing::ApiTest {
 protected:
  std::string device_ = ann_.add_device("Car");
  std::string at_ = "/api/devices/" + device_ + "/certificates";
};

TEST_F(CertificatesTest, AreAddedAsPemListedAndRemoved) {
  const auto added = ann_.post(at_, body("certificate", access::testing::first_certificate_pem));
  ASSERT_EQ(added.status(), 200u) << added.response.body;
  EXPECT_EQ(added.text("/result/fingerprint"), plain);
  EXPECT_EQ(added.text("/result/device_id"), device_);
  EXPECT_EQ(added.text("/result/name"), "spare");
  EXPECT_TRUE(added.at("/result/created").is_string());
  EXPECT_EQ(ann_.get(at_).text("/result/0/fingerprint"), plain);
  EXPECT_EQ(platform_.registry->snapshot()->certificates.find(*parse_fingerprint(plain))->to_string(), device_);
  EXPECT_EQ(ann_.remove(at_ + "/" + with_colons).text("/result/fingerprint"), plain);
  EXPECT_EQ(ann_.get(at_).response.body, R"({"result":[]})");
  const auto gone = ann_.remove(at_ + "/" + plain);
  EXPECT_EQ(gone.status(), 404u);
  EXPECT_EQ(gone.response.body, R"({"name":"CertificateNotFound","errors":[{"message":"Certificate not found"}]})");
}

TEST_F(CertificatesTest, MayBeNamedByTheirFingerprintInAnyForm) {
  EXPECT_EQ(ann_.post(at_, body("fingerprint", with_colons)).text("/result/fingerprint"), plain);
  EXPECT_EQ(ann_.remove(at_ + "/" + plain).status(), 200u);
  EXPECT_EQ(ann_.post(at_, body("fingerprint", plain)).text("/result/fingerprint"), plain);
}

TEST_F(CertificatesTest, BelongToOneDevice) {
  ASSERT_EQ(ann_.post(at_, body("fingerprint", plain)).status(), 200u);
  const std::string other = "/api/devices/" + ann_.add_device("Boat") + "/certificates";
  const auto taken = ann_.post(other, body("fingerprint", plain));
  EXPECT_EQ(taken.status(), 409u);
  EXPECT_EQ(taken.text("/name"), "CertificateTaken");
  EXPECT_EQ(ann_.remove(other + "/" + plain).status(), 404u);
}

TEST_F(CertificatesTest, AreSixteenAtMost) {
  for (char digit = 'a'; digit < 'a' + 16; ++digit) {
    const char hex = digit <= 'f' ? digit : static_cast<char>('0' + (digit - 'g'));
    ASSERT_EQ(ann_.post(at_, body("fingerprint", std::string(64, hex))).status(), 200u) << hex;
  }
  const auto refused = ann_.post(at_, body("fingerprint", plain));
  EXPECT_EQ(refused.status(), 413u);
  EXPECT_EQ(refused.text("/name"), "TooMany");
}

TEST_F(CertificatesTest, OfAnotherFormAreRefusedWithTheFault) {
  const struct {
    std::string body;
    const char* field;
  } cases[] = {
      {body("certificate", "hello"), "certificate"},
      {body("fingerprint", plain.substr(1)), "fingerprint"},
      {R"({"name":"x"})", "certificate"},
      {R"({"name":"x","certificate":"a","fingerprint":"b"})", "certificate"},
      {R"({"name":"x","certificate":7})", "certificate"},
      {R"({"fingerprint":")" + plain + "\"}", "name"},
      {body("fingerprint", plain, ""), "name"},
      {R"({"name":"x","fingerprnt":"b"})", "certificate"},
  };
  for (const auto& each : cases) {
    const auto refused = ann_.post(at_, each.body);
    EXPECT_EQ(refused.status(), 422u) << each.body;
    EXPECT_EQ(refused.text("/errors/0/field"), each.field) << refused.response.body;
  }
  EXPECT_EQ(ann_.post(at_, "{").status(), 400u);
  EXPECT_EQ(ann_.remove(at_ + "/xyz").status(), 404u);
}

TEST_F(CertificatesTest, AreTheOwnersBusiness) {
  testing::Client bob(platform_, platform_.token_of(platform_.add_user("bob", model::Role::user)));
  EXPECT_EQ(bob.get(at_).status(), 403u);
  EXPECT_EQ(bob.post(at_, body("fingerprint", plain)).status(), 403u);
  EXPECT_EQ(bob.remove(at_ + "/" + plain).status(), 403u);
  EXPECT_EQ(root_.post(at_, body("fingerprint", plain)).status(), 200u);
  EXPECT_EQ(ann_.get("/api/users/" + ann_id_ + "/devices/" + device_ + "/certificates").status(), 200u);
  EXPECT_EQ(ann_.get("/api/devices/999/certificates").status(), 404u);
}

}  // namespace
}  // namespace iot::api
