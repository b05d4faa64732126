#include "store/embedded/bits.h"

#include <random>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace iot::store {
namespace {

TEST(Bits, LieLowestFirst) {
  std::string bytes;
  BitWriter writer(bytes);
  writer.put(1, 1);
  writer.put(0, 2);
  writer.put(0b10110, 5);
  writer.put(3, 2);
  writer.flush();
  EXPECT_EQ(bytes, "\xB1\x03");
}

TEST(Bits, OfEveryWidthComeBack) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  std::vector<std::pair<std::uint64_t, unsigned>> values;
  for (int i = 0; i < 10'000; ++i) {
    const auto bits = static_cast<unsigned>(random() % 65);
    values.emplace_back(random() & low_bits(bits), bits);
  }
  std::string bytes;
  BitWriter writer(bytes);
  for (const auto& [value, bits] : values) writer.put(value, bits);
  writer.flush();

  BitReader reader(bytes);
  for (const auto& [value, bits] : values) ASSERT_EQ(reader.get(bits), value) << bits;
  EXPECT_TRUE(reader.ok());
  EXPECT_EQ(reader.bytes_used(), bytes.size());
}

TEST(Bits, PastTheEndAreZerosAndNotOk) {
  BitReader reader("\xFF");
  EXPECT_EQ(reader.get(8), 0xFFu);
  EXPECT_TRUE(reader.ok());
  EXPECT_EQ(reader.get(64), 0u);
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.get(1), 0u);
  EXPECT_FALSE(reader.ok());
}

}  // namespace
}  // namespace iot::store
