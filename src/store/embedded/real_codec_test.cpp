#include "store/embedded/real_codec.h"

#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "store/embedded/each_target.h"
#include "store/embedded/test_values.h"

namespace iot::store {
namespace {

std::string encode(const std::vector<double>& values, Effort effort) {
  std::string bytes;
  encode_reals(values, effort, bytes);
  return bytes;
}

double bytes_per_value(const std::vector<double>& values, Effort effort = Effort::fast) {
  return static_cast<double>(encode(values, effort).size()) / static_cast<double>(values.size());
}

TEST(RealCodec, GivesBackAllBitsOfEveryKindOfColumn) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (const auto& [name, make] : real_kinds()) {
    for (const std::size_t count : {1, 2, 3, 100, 1000, 1025, 5000}) {
      std::vector<double> values(count), decoded(count);
      for (std::size_t i = 0; i < count; ++i) values[i] = make(random, i);
      for (const Effort effort : {Effort::fast, Effort::dense}) {
        const std::string bytes = encode(values, effort);
        ByteReader in(bytes);
        ASSERT_TRUE(decode_reals(in, decoded)) << name;
        ASSERT_TRUE(in.empty());
        for (std::size_t i = 0; i < count; ++i) {
          ASSERT_EQ(std::bit_cast<std::uint64_t>(decoded[i]), std::bit_cast<std::uint64_t>(values[i])) << name << i;
        }
      }
    }
  }
}

TEST(RealCodec, GivesBackAllBitsOnEveryKindOfProcessor) {
  on_each_target([] {
    std::mt19937_64 random(1);
    for (const auto& [name, make] : real_kinds()) {
      for (const std::size_t count : {1, 9, 515, 1500}) {
        std::vector<double> values(count), decoded(count);
        for (std::size_t i = 0; i < count; ++i) values[i] = make(random, i);
        const std::string bytes = encode(values, Effort::fast);
        ByteReader in(bytes);
        ASSERT_TRUE(decode_reals(in, decoded)) << name;
        for (std::size_t i = 0; i < count; ++i) {
          ASSERT_EQ(std::bit_cast<std::uint64_t>(decoded[i]), std::bit_cast<std::uint64_t>(values[i])) << name << i;
        }
      }
    }
  });
}

TEST(RealCodec, TakesWhatTheDigitsTake) {
  std::mt19937_64 random(1);
  std::vector<double> decimals(10'000), floats(10'000), means(10'000), bits(10'000);
  for (std::size_t i = 0; i < decimals.size(); ++i) {
    decimals[i] = static_cast<double>(random() % 1024) / 100;
    floats[i] = static_cast<double>(static_cast<float>(decimals[i]));
    means[i] = (decimals[i] + 0.1 + 0.2) / 5;
    bits[i] = std::normal_distribution<double>()(random);
  }
  EXPECT_LT(bytes_per_value(decimals), 1.27) << "ten bits";
  EXPECT_LT(bytes_per_value(floats), 1.27) << "a float's decimals are as few as a double's";
  EXPECT_LT(bytes_per_value(means), 1.27 + 0.4) << "and what their sums miss";
  EXPECT_LT(bytes_per_value(bits), 7.1);
  EXPECT_LT(bytes_per_value(std::vector<double>(10'000, 0.1)), 0.01);
}

TEST(RealCodec, NoticesEveryCutAndUnknownFlags) {
  std::mt19937_64 random(2);
  for (const auto& [name, make] : real_kinds()) {
    std::vector<double> values(100);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = make(random, i);
    std::string bytes = encode(values, Effort::dense);
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
      ByteReader in(std::string_view(bytes).substr(0, cut));
      ASSERT_FALSE(decode_reals(in, values)) << name << " cut at " << cut;
    }
    bytes[0] = static_cast<char>(bytes[0] | 8);
    ByteReader in(bytes);
    EXPECT_FALSE(decode_reals(in, values));
  }
}

}  // namespace
}  // namespace iot::store
