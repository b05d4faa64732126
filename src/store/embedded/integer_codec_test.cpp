#include "store/embedded/integer_codec.h"

#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "store/embedded/each_target.h"
#include "store/embedded/test_values.h"

namespace iot::store {
namespace {

using Values = std::vector<std::int64_t>;

std::string encode(const Values& values, Effort effort, std::int64_t origin = 0) {
  std::string bytes;
  encode_integers(values, origin, effort, bytes);
  return bytes;
}

void expect_comes_back(const Values& values, std::int64_t origin = 0) {
  for (const Effort effort : {Effort::fast, Effort::dense}) {
    const std::string bytes = encode(values, effort, origin) + "next";
    ByteReader in(bytes);
    Values decoded(values.size(), 42);
    ASSERT_TRUE(decode_integers(in, origin, decoded));
    ASSERT_EQ(decoded, values);
    ASSERT_EQ(in.bytes(4), "next") << "it reads what is its own and no more";
  }
}

TEST(IntegerCodec, GivesBackEveryKindOfColumn) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (const auto& [name, make] : integer_kinds()) {
    for (const std::size_t count : {1, 2, 3, 4, 5, 63, 127, 128, 129, 511, 512, 513, 1023, 1024, 1025, 5000}) {
      SCOPED_TRACE(std::string(name) + " " + std::to_string(count));
      Values values(count);
      for (std::size_t i = 0; i < count; ++i) values[i] = make(random, i);
      expect_comes_back(values, values.front());
      expect_comes_back(values, 0);
    }
  }
}

TEST(IntegerCodec, GivesBackEveryKindOfColumnOnEveryKindOfProcessor) {
  on_each_target([] {
    std::mt19937_64 random(1);
    for (const auto& [name, make] : integer_kinds()) {
      for (const std::size_t count : {1, 7, 300, 513, 1027, 3000}) {
        SCOPED_TRACE(std::string(name) + " " + std::to_string(count));
        Values values(count);
        for (std::size_t i = 0; i < count; ++i) values[i] = make(random, i);
        expect_comes_back(values, values.front());
      }
    }
  });
}

TEST(IntegerCodec, CountsFromTheLowerEndOfAnOnlyBucketToo) {
  // Order 0, least 0, floor 0, height 1, one byte: halved, in one half only, the upper. This program never writes that.
  const std::string bytes("\x00\x00\x00\x01\x01\x07", 6);
  ByteReader in(bytes);
  Values decoded(4, 42);
  ASSERT_TRUE(decode_integers(in, 0, decoded));
  EXPECT_EQ(decoded, Values(4, 1));
}

TEST(IntegerCodec, GoesPastAColumn) {
  std::mt19937_64 random(2);
  for (const auto& [name, make] : integer_kinds()) {
    for (const std::size_t count : {1, 2, 100, 2000}) {
      Values values(count);
      for (std::size_t i = 0; i < count; ++i) values[i] = make(random, i);
      const std::string column = encode(values, Effort::fast);
      const std::string bytes = column + "next";
      ByteReader in(bytes);
      ASSERT_TRUE(skip_integers(in)) << name;
      ASSERT_EQ(in.remaining(), 4u);
      for (std::size_t cut = 0; cut < column.size(); ++cut) {
        ByteReader fewer(std::string_view(column).substr(0, cut));
        ASSERT_FALSE(skip_integers(fewer)) << name << cut;
      }
    }
  }
}

TEST(IntegerCodec, GivesBackTheExtremes) {
  constexpr auto min = std::numeric_limits<std::int64_t>::min();
  constexpr auto max = std::numeric_limits<std::int64_t>::max();
  expect_comes_back({min});
  expect_comes_back({max}, min);
  expect_comes_back({min, max});
  expect_comes_back({max, min, max, min, 0, -1, 1});
  expect_comes_back({min, 0, max}, max);
  expect_comes_back(Values(1000, min), max);
}

TEST(IntegerCodec, TakesNothingPerValueWhereNothingHappens) {
  Values constant(100'000, 123'456'789'000);
  Values regular(100'000), squares(100'000);
  for (std::size_t i = 0; i < regular.size(); ++i) {
    regular[i] = 1'700'000'000'000'000'000 + static_cast<std::int64_t>(i) * 10'000'000'000;
    squares[i] = static_cast<std::int64_t>(i * i);
  }
  for (const Values& values : {constant, regular, squares}) {
    EXPECT_LT(encode(values, Effort::fast).size(), 32u);
    EXPECT_LT(encode(values, Effort::dense).size(), 32u);
  }
}

TEST(IntegerCodec, KeepsAFewLateReadingsCheap) {
  std::mt19937_64 random(3);
  Values times(10'000);
  std::int64_t time = 0;
  for (auto& value : times) value = time += random() % 100 == 0 ? 7'000'000'000 : 300'000'000'000;
  // One in a hundred is an entropy of 0.08 bits.
  EXPECT_LT(encode(times, Effort::fast).size() * 8, times.size() / 8);
}

TEST(IntegerCodec, DenseIsNotLargerThanFast) {
  std::mt19937_64 random(4);
  for (const auto& [name, make] : integer_kinds()) {
    Values values(20'000);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = make(random, i);
    // What is estimated may be off by a little.
    EXPECT_LE(encode(values, Effort::dense).size(), encode(values, Effort::fast).size() * 1.01 + 16) << name;
  }
}

TEST(IntegerCodec, NoticesEveryCut) {
  std::mt19937_64 random(5);
  for (const auto& [name, make] : integer_kinds()) {
    Values values(300);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = make(random, i);
    const std::string bytes = encode(values, Effort::dense);
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
      ByteReader in(std::string_view(bytes).substr(0, cut));
      ASSERT_FALSE(decode_integers(in, 0, values)) << name << " cut at " << cut;
    }
  }
}

TEST(IntegerCodec, SurvivesEveryFlippedBit) {
  std::mt19937_64 random(6);
  for (const auto& [name, make] : integer_kinds()) {
    Values values(1200);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = make(random, i);
    std::string bytes = encode(values, Effort::dense);
    for (std::size_t bit = 0; bit < std::min<std::size_t>(bytes.size(), 200) * 8; ++bit) {
      bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
      ByteReader in(bytes);
      // Whether it is noticed is the checksum's business; nothing may be read or written that is not there.
      static_cast<void>(decode_integers(in, 0, values));
      bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
    }
  }
}

}  // namespace
}  // namespace iot::store
