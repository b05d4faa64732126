#include <cerrno>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/crc32c.h"
#include "base/failure.h"
#include "base/ids.h"
#include "base/metrics.h"

namespace iot {
namespace {

enum class Errc { broken = 1, gone };
ErrcInfo describe(Errc code) noexcept {
  return code == Errc::broken ? ErrcInfo{"broken", Failure::data_loss} : ErrcInfo{"gone", Failure::not_found};
}
constexpr const char* errc_module(Errc) {
  return "test";
}

Result<int> halve(int number) {
  if (number % 2 != 0) return make_error(Errc::broken, "odd", "number");
  return number / 2;
}

Result<int> quarter(int number) {
  IOT_TRY(const int half, halve(number));
  return halve(half);
}

TEST(Failure, GroupsTheCodesOfAModule) {
  const auto result = quarter(6);
  ASSERT_FALSE(result);
  EXPECT_EQ(failure_of(result.error()), Failure::data_loss);
  EXPECT_TRUE(is(result.error(), Errc::broken));
  EXPECT_FALSE(is(result.error(), Errc::gone));
  EXPECT_EQ(result.error().code.message(), "broken");
  EXPECT_EQ(result.error().field, "number");
}

TEST(Failure, TryGivesTheValueOn) {
  EXPECT_EQ(quarter(8).value(), 2);
}

TEST(Failure, GroupsErrorsOfTheOperatingSystem) {
  EXPECT_EQ(failure_of(system_error(ENOSPC, "write")), Failure::unavailable);
  EXPECT_EQ(failure_of(system_error(ENOENT, "open")), Failure::not_found);
}

TEST(Ids, ReadOnlyTheirCanonicalForm) {
  EXPECT_EQ(parse_id<DeviceId>("42"), DeviceId{42});
  EXPECT_EQ(parse_id<UserId>("-1"), root_user);
  for (const auto* text : {"", "-", "+1", " 1", "1 ", "01", "-01", "0x1", "1.0", "9223372036854775808", "1a"}) {
    EXPECT_EQ(parse_id<DeviceId>(text), std::nullopt) << text;
  }
}

TEST(Crc32c, AgreesWithRfc3720) {
  EXPECT_EQ(crc32c("123456789"), 0xE3069283u);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAu);
  EXPECT_EQ(crc32c("6789", crc32c("12345")), 0xE3069283u);
}

TEST(Bytes, VarintsComeBack) {
  for (const std::uint64_t value : {0ull, 1ull, 127ull, 128ull, 300ull, 1ull << 63, ~0ull}) {
    std::string out;
    put_varint(out, value);
    ByteReader reader(out);
    EXPECT_EQ(reader.varint(), value);
    EXPECT_TRUE(reader.ok() && reader.empty());
    for (std::size_t cut = 0; cut < out.size(); ++cut) {
      ByteReader shorter(std::string_view(out).substr(0, cut));
      shorter.varint();
      EXPECT_FALSE(shorter.ok());
    }
  }
  for (const std::int64_t value : {INT64_MIN, std::int64_t{-1}, std::int64_t{0}, INT64_MAX}) {
    EXPECT_EQ(unzigzag(zigzag(value)), value);
  }
}

TEST(Bytes, AnOverlongVarintIsRefused) {
  const std::string overlong = std::string(9, '\xFF') + '\x02';
  ByteReader reader(overlong);
  reader.varint();
  EXPECT_FALSE(reader.ok());
}

TEST(Metrics, ShowCountersAndObservedGauges) {
  Metrics metrics;
  metrics.counter("iotplatform_test_total", "Tests", {{"kind", "unit"}}).Increment(2);
  metrics.counter("iotplatform_test_total", "Tests", {{"kind", "unit"}}).Increment();
  metrics.observe("iotplatform_level_bytes", "Level", {}, [] { return 7.0; });
  const auto text = metrics.scrape();
  EXPECT_NE(text.find("iotplatform_test_total{kind=\"unit\"} 3"), std::string::npos) << text;
  EXPECT_NE(text.find("iotplatform_level_bytes 7"), std::string::npos) << text;
}

}  // namespace
}  // namespace iot
