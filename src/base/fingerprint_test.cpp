#include "base/fingerprint.h"

#include <gtest/gtest.h>

namespace iot {
namespace {

const std::string plain = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1eff";

std::string with_colons(std::string_view digits) {
  std::string text;
  for (std::size_t i = 0; i < digits.size(); i += 2) text += (i ? ":" : "") + std::string(digits.substr(i, 2));
  return text;
}

TEST(Fingerprints, ReadWhatTheyWrite) {
  const auto parsed = parse_fingerprint(plain);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->bytes[1], 1);
  EXPECT_EQ(parsed->bytes[31], 255);
  EXPECT_EQ(parsed->to_string(), plain);
}

TEST(Fingerprints, ForgiveCaseAndColons) {
  std::string upper = plain;
  for (char& letter : upper) letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  EXPECT_EQ(parse_fingerprint(upper), parse_fingerprint(plain));
  EXPECT_EQ(parse_fingerprint(with_colons(upper)), parse_fingerprint(plain));
}

TEST(Fingerprints, RefuseAnyOtherForm) {
  const std::string colons = with_colons(plain);
  for (const std::string& bad :
       {std::string(), plain.substr(1), plain.substr(2), plain + "0", plain + "00", "g" + plain.substr(1),
        " " + plain.substr(1), colons + ":", colons.substr(0, 3) + plain.substr(2), ":" + colons.substr(1),
        colons.substr(0, colons.size() - 3) + "-ff", std::string(95, ':')}) {
    EXPECT_FALSE(parse_fingerprint(bad)) << bad;
  }
}

}  // namespace
}  // namespace iot
