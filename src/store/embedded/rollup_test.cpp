#include "store/embedded/rollup.h"

#include <random>

#include <gtest/gtest.h>

namespace iot::store {
namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t some_day = 1'600'000'000 * second;

ChunkInfo info_of(const EncodedChunk& chunk) {
  return *read_chunk_info(chunk.bytes);
}

Columns walk(std::size_t readings, std::int64_t step_ns) {
  std::mt19937_64 random(readings);
  Columns columns;
  std::int64_t hundredths = 2000;
  for (std::size_t i = 0; i < readings; ++i) {
    columns.times_ns.push_back(some_day + static_cast<std::int64_t>(i) * step_ns);
    hundredths += static_cast<std::int64_t>(random() % 41) - 20;
    columns.reals.push_back(static_cast<double>(hundredths) / 100);
  }
  return columns;
}

void expect_same(const Summary& a, const Summary& b) {
  EXPECT_EQ(a.first.ns, b.first.ns);
  EXPECT_EQ(a.last.ns, b.last.ns);
  EXPECT_EQ(a.count, b.count);
  ASSERT_EQ(a.numbers.has_value(), b.numbers.has_value());
  if (a.numbers) {
    EXPECT_EQ(a.numbers->min, b.numbers->min);
    EXPECT_EQ(a.numbers->max, b.numbers->max);
    EXPECT_EQ(a.numbers->sum, b.numbers->sum);
    EXPECT_EQ(a.numbers->first, b.numbers->first);
    EXPECT_EQ(a.numbers->last, b.numbers->last);
  }
  ASSERT_EQ(a.integers.has_value(), b.integers.has_value());
  if (a.integers) {
    EXPECT_EQ(a.integers->min, b.integers->min);
    EXPECT_EQ(a.integers->max, b.integers->max);
    EXPECT_EQ(a.integers->sum, b.integers->sum);
    EXPECT_EQ(a.integers->first, b.integers->first);
    EXPECT_EQ(a.integers->last, b.integers->last);
  }
}

/// Of each period there is, by plain loops.
std::vector<Summary> expected(const Columns& columns, std::int64_t length_ns) {
  std::vector<Summary> parts;
  std::int64_t period = -1;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::int64_t time = columns.times_ns[i];
    if (time / length_ns != period) {
      period = time / length_ns;
      Summary& part = parts.emplace_back();
      part.first.ns = time;
      if (columns.integers.empty()) {
        part.numbers = Summary::Numbers{columns.reals[i], columns.reals[i], 0, columns.reals[i], 0};
      } else {
        part.integers = Summary::Integers{columns.integers[i], columns.integers[i], columns.integers[i], 0, 0};
      }
    }
    Summary& part = parts.back();
    part.last.ns = time;
    ++part.count;
    if (part.numbers) {
      part.numbers->min = std::min(part.numbers->min, columns.reals[i]);
      part.numbers->max = std::max(part.numbers->max, columns.reals[i]);
      part.numbers->sum += columns.reals[i];
      part.numbers->last = columns.reals[i];
    } else {
      part.integers->min = std::min(part.integers->min, columns.integers[i]);
      part.integers->max = std::max(part.integers->max, columns.integers[i]);
      part.integers->last = columns.integers[i];
      *part.integers->sum += columns.integers[i];
    }
  }
  return parts;
}

void expect_rollup(const Columns& columns, std::int64_t length_ns) {
  const EncodedChunk chunk = encode_with_rollup(columns);
  ASSERT_FALSE(chunk.rollup.empty());
  EXPECT_LE(chunk.rollup.size() * 50, chunk.bytes.size());
  const auto parts = decode_rollup(chunk.rollup, info_of(chunk));
  ASSERT_TRUE(parts) << parts.error().message;
  const auto wanted = expected(columns, length_ns);
  ASSERT_EQ(parts->size(), wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) expect_same((*parts)[i], wanted[i]);
}

TEST(Rollup, HoldsTheShortestPeriodThatIsWorthItsBytes) {
  expect_rollup(walk(16'384, 10 * second), 86'400 * second);
  expect_rollup(walk(16'384, second), 3'600 * second);
  expect_rollup(walk(16'384, second / 50), 60 * second);
}

TEST(Rollup, IsNotMadeWhereTheChunksOwnSummarySaysTheSame) {
  EXPECT_TRUE(encode_with_rollup(walk(1'000, second / 1'000)).rollup.empty());
}

TEST(Rollup, IsNotMadeWhereReadingsAreFew) {
  EXPECT_TRUE(encode_with_rollup(walk(500, 86'400 * second)).rollup.empty());
}

TEST(Rollup, IsNotMadeOfTexts) {
  Columns columns;
  columns.mapping = model::MappingType::keyword;
  for (std::int64_t i = 0; i < 10'000; ++i) {
    columns.times_ns.push_back(some_day + i * second);
    columns.texts.push_back(i % 3 ? "on" : "off");
  }
  EXPECT_TRUE(encode_with_rollup(columns).rollup.empty());
}

TEST(Rollup, KnowsOfGapsAndUnevenTimes) {
  std::mt19937_64 random(5);
  Columns columns;
  std::int64_t time = some_day;
  for (int i = 0; i < 16'384; ++i) {
    time += static_cast<std::int64_t>(random() % 4'000'000'000) + 1 + (random() % 3'000 == 0 ? 30 * 3'600 * second : 0);
    columns.times_ns.push_back(time);
    columns.reals.push_back(std::uniform_real_distribution<double>(-1e6, 1e6)(random));
  }
  expect_rollup(columns, 3'600 * second);
}

TEST(Rollup, OfIntegersIsExact) {
  std::mt19937_64 random(6);
  Columns columns;
  columns.mapping = model::MappingType::long_integer;
  for (std::int64_t i = 0; i < 16'384; ++i) {
    columns.times_ns.push_back(some_day + i * second);
    columns.integers.push_back((std::int64_t{1} << 53) + 1 + static_cast<std::int64_t>(random() % 100'000'000));
  }
  // Sums of three thousand such numbers do not fit 64 bits.
  const EncodedChunk chunk = encode_with_rollup(columns);
  ASSERT_FALSE(chunk.rollup.empty());
  const auto parts = decode_rollup(chunk.rollup, info_of(chunk));
  ASSERT_TRUE(parts);
  EXPECT_FALSE((*parts)[1].integers->sum);
  EXPECT_GT((*parts)[1].integers->min, std::int64_t{1} << 53);
  for (std::int64_t& value : columns.integers) value &= 0xFFFF;
  expect_rollup(columns, 3'600 * second);
}

TEST(Rollup, DamagedBytesAreRefusedOrGiveSomethingWithinBounds) {
  const Columns columns = walk(16'384, second);
  const EncodedChunk chunk = encode_with_rollup(columns);
  const ChunkInfo info = info_of(chunk);
  for (std::size_t size = 0; size < chunk.rollup.size(); ++size) {
    EXPECT_FALSE(decode_rollup(chunk.rollup.substr(0, size), info)) << size;
  }
  for (std::size_t bit = 0; bit < chunk.rollup.size() * 8; ++bit) {
    std::string damaged = chunk.rollup;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    const auto parts = decode_rollup(damaged, info);
    if (!parts) continue;
    std::uint64_t readings = 0;
    for (const Summary& part : *parts) {
      EXPECT_LE(part.first.ns, part.last.ns);
      readings += part.count;
    }
    EXPECT_EQ(readings, info.summary.count);
  }
}

}  // namespace
}  // namespace iot::store
