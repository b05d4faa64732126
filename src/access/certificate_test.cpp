#include "access/certificate.h"

#include <gmock/gmock.h>

#include "access/testing/test_certificates.h"
#include "access/tokens.h"

namespace iot::access {
namespace {

using ::testing::HasSubstr;

const std::string first = testing::first_certificate_pem;

std::string refusal_of(const std::string& pem) {
  const auto read = fingerprint_of_pem(pem);
  if (read) return "read as " + read->to_string();
  EXPECT_TRUE(is(read.error(), Errc::malformed));
  return read.error().message;
}

TEST(Certificate, HasTheFingerprintThatOpensslPrints) {
  EXPECT_EQ(fingerprint_of_pem(first).value(), parse_fingerprint(testing::first_certificate_fingerprint));
  EXPECT_EQ(fingerprint_of_pem(testing::second_certificate_pem).value(),
            parse_fingerprint(testing::second_certificate_fingerprint));
}

TEST(Certificate, MayHaveTextAroundIt) {
  const auto expected = parse_fingerprint(testing::first_certificate_fingerprint);
  EXPECT_EQ(fingerprint_of_pem("Certificate:\n    Data: ...\n" + first + "\nthe end\n").value(), expected);
  std::string windows;
  for (const char letter : first) windows += letter == '\n' ? "\r\n" : std::string(1, letter);
  EXPECT_EQ(fingerprint_of_pem(windows).value(), expected);
}

TEST(Certificate, ThatIsNoneIsRefused) {
  for (const std::string& bad : {std::string(), std::string("hello"), first.substr(0, first.size() / 2),
                                 "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" + std::string()}) {
    EXPECT_THAT(refusal_of(bad), HasSubstr("not a certificate")) << bad;
  }
}

TEST(Certificate, WithAKeyOrAnotherCertificateIsRefused) {
  EXPECT_THAT(refusal_of(first + testing::second_certificate_pem), HasSubstr("several certificates"));
  EXPECT_THAT(refusal_of(first + "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n"),
              HasSubstr("private key"));
}

}  // namespace
}  // namespace iot::access
