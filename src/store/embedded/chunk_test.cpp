#include "store/embedded/chunk.h"

#include <algorithm>
#include <bit>
#include <random>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/crc32c.h"
#include "store/embedded/chunk_header.h"
#include "store/embedded/test_values.h"

namespace iot::store {
namespace {

using model::MappingType;

Columns make_reals(std::initializer_list<std::pair<std::int64_t, double>> readings) {
  Columns columns;
  for (const auto& [time, value] : readings) {
    columns.times_ns.push_back(time);
    columns.reals.push_back(value);
  }
  return columns;
}

/// By bits: NaN is itself, and -0.0 is not 0.0.
void expect_same(const Columns& a, const Columns& b) {
  ASSERT_EQ(a.mapping, b.mapping);
  ASSERT_EQ(a.times_ns, b.times_ns);
  ASSERT_EQ(a.integers, b.integers);
  ASSERT_EQ(a.texts, b.texts);
  ASSERT_EQ(a.reals.size(), b.reals.size());
  for (std::size_t i = 0; i < a.reals.size(); ++i) {
    ASSERT_EQ(std::bit_cast<std::uint64_t>(a.reals[i]), std::bit_cast<std::uint64_t>(b.reals[i])) << i;
  }
}

void expect_comes_back(const Columns& columns) {
  for (const Effort effort : {Effort::fast, Effort::dense}) {
    Columns decoded;
    decoded.reals = {1, 2, 3};
    decoded.texts = {"what was there before"};
    ASSERT_TRUE(decode_chunk(encode_chunk(columns, effort), decoded));
    expect_same(decoded, columns);
  }
}

/// Columns of random kinds and sizes, sorted and distinct.
Columns random_columns(std::mt19937_64& random, std::size_t count, std::vector<std::string>& owned) {
  static const auto times = integer_kinds();
  static const auto reals = real_kinds();
  Columns columns;
  columns.mapping = static_cast<MappingType>(random() % model::mapping_type_count);
  const auto& time = times[random() % times.size()].second;
  const auto& real = reals[random() % reals.size()].second;
  const auto& integer = times[random() % times.size()].second;
  owned.clear();
  owned.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    // Times a reading may have are not negative.
    columns.times_ns.push_back(time(random, i) & INT64_MAX);
    switch (column_kind(columns.mapping)) {
      case model::ColumnKind::real:
        columns.reals.push_back(real(random, i));
        break;
      case model::ColumnKind::integer:
        columns.integers.push_back(integer(random, i));
        break;
      case model::ColumnKind::text:
        owned.push_back(std::to_string(integer(random, i)));
        columns.texts.push_back(owned.back());
        break;
    }
  }
  sort_and_merge(columns);
  return columns;
}

TEST(Chunk, GivesBackAnyColumns) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  std::vector<std::string> owned;
  for (int round = 0; round < 400; ++round) {
    SCOPED_TRACE(round);
    expect_comes_back(random_columns(random, 1 + random() % (round % 10 == 0 ? 10'000 : 300), owned));
  }
}

TEST(Chunk, GivesBackTheEndsOfTheRange) {
  expect_comes_back(make_reals({{timestamp_min.ns, 1.5}}));
  expect_comes_back(make_reals({{timestamp_max.ns, -0.0}}));
  expect_comes_back(make_reals({{timestamp_min.ns, 5e-324}, {timestamp_max.ns, 1.7976931348623157e308}}));
  expect_comes_back(make_reals({{0, -1}, {0, 1}, {1, 9007199254740993.0}, {1, 9007199254740994.0}}));
}

TEST(Chunk, HoldsAsManyReadingsAsTheLimitSays) {
  Columns columns;
  columns.mapping = MappingType::boolean;
  for (std::size_t i = 0; i < chunk_readings_max; ++i) {
    columns.times_ns.push_back(static_cast<std::int64_t>(i));
    columns.integers.push_back(static_cast<std::int64_t>(i % 3 == 0));
  }
  const std::string chunk = encode_chunk(columns);
  Columns decoded;
  ASSERT_TRUE(decode_chunk(chunk, decoded));
  expect_same(decoded, columns);
}

TEST(Chunk, RefusesMoreReadingsThanTheLimitBeforeAllocatingThem) {
  ChunkHeader header;
  header.info.mapping = MappingType::keyword;
  for (const std::uint64_t count : {std::uint64_t{0}, std::uint64_t{chunk_readings_max} + 1, ~std::uint64_t{0}}) {
    header.info.summary.count = count;
    const auto result = read_chunk_info(encode_chunk_header(header));
    ASSERT_FALSE(result) << count;
    EXPECT_TRUE(is(result.error(), Errc::damaged));
  }
  header.info.summary.count = chunk_readings_max;
  EXPECT_TRUE(read_chunk_info(encode_chunk_header(header)));
}

TEST(Chunk, SummaryIsThatOfItsReadings) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  std::vector<std::string> owned;
  for (int round = 0; round < 300; ++round) {
    const Columns columns = random_columns(random, 1 + random() % 100, owned);
    const auto read = read_chunk_info(encode_chunk(columns));
    ASSERT_TRUE(read);
    const Summary& summary = read->summary;
    EXPECT_EQ(read->format, 1);
    EXPECT_EQ(read->mapping, columns.mapping);
    EXPECT_EQ(summary.count, columns.size());
    EXPECT_EQ(summary.first.ns, columns.times_ns.front());
    EXPECT_EQ(summary.last.ns, columns.times_ns.back());
    EXPECT_EQ(summary.numbers.has_value(), !columns.reals.empty());
    EXPECT_EQ(summary.integers.has_value(), !columns.integers.empty());
    const auto none_is_nan = std::none_of(columns.reals.begin(), columns.reals.end(), [](double v) { return v != v; });
    if (summary.numbers && none_is_nan) {
      double sum = 0;
      for (const double value : columns.reals) sum += value;
      EXPECT_EQ(std::bit_cast<std::uint64_t>(summary.numbers->sum), std::bit_cast<std::uint64_t>(sum));
      EXPECT_EQ(summary.numbers->min, *std::min_element(columns.reals.begin(), columns.reals.end()));
      EXPECT_EQ(summary.numbers->max, *std::max_element(columns.reals.begin(), columns.reals.end()));
      EXPECT_EQ(summary.numbers->first, columns.reals.front());
      EXPECT_EQ(summary.numbers->last, columns.reals.back());
    }
    if (summary.integers) {
      EXPECT_EQ(summary.integers->min, *std::min_element(columns.integers.begin(), columns.integers.end()));
      EXPECT_EQ(summary.integers->max, *std::max_element(columns.integers.begin(), columns.integers.end()));
      EXPECT_EQ(summary.integers->first, columns.integers.front());
      EXPECT_EQ(summary.integers->last, columns.integers.back());
    }
  }
}

TEST(Chunk, OfOneReadingIsSmall) {
  // 15 bytes of checksums and sizes, 9 of time, 9 of value; the rest is the columns' own.
  EXPECT_LE(encode_chunk(make_reals({{1'526'717'967'000'000'000, 91'827'364}})).size(), 60u);
}

TEST(Chunk, EveryFlippedBitIsNoticed) {
  std::mt19937_64 random(1);
  std::vector<std::string> owned;
  for (int round = 0; round < 12; ++round) {
    std::string chunk = encode_chunk(random_columns(random, 60, owned));
    Columns decoded;
    ASSERT_TRUE(decode_chunk(chunk, decoded));
    for (std::size_t bit = 0; bit < chunk.size() * 8; ++bit) {
      chunk[bit / 8] = static_cast<char>(chunk[bit / 8] ^ (1 << bit % 8));
      const auto result = decode_chunk(chunk, decoded);
      ASSERT_FALSE(result) << bit;
      ASSERT_TRUE(is(result.error(), Errc::damaged));
      ASSERT_EQ(decoded.size(), 0u);
      chunk[bit / 8] = static_cast<char>(chunk[bit / 8] ^ (1 << bit % 8));
    }
  }
}

TEST(Chunk, EveryCutAndEveryByteTooManyIsNoticed) {
  std::mt19937_64 random(2);
  std::vector<std::string> owned;
  for (int round = 0; round < 12; ++round) {
    const std::string chunk = encode_chunk(random_columns(random, 200, owned));
    Columns decoded;
    for (std::size_t size = 0; size < chunk.size(); ++size) {
      ASSERT_FALSE(decode_chunk(std::string_view(chunk).substr(0, size), decoded)) << size;
      ASSERT_FALSE(read_chunk_info(std::string_view(chunk).substr(0, size))) << size;
    }
    ASSERT_FALSE(decode_chunk(chunk + '\0', decoded));
  }
}

TEST(Chunk, GivesEachColumnByItself) {
  std::mt19937_64 random(4);
  std::vector<std::string> owned;
  for (int round = 0; round < 200; ++round) {
    const Columns columns = random_columns(random, 1 + random() % 2000, owned);
    const std::string chunk = encode_chunk(columns);
    const auto opened = open_chunk(chunk);
    ASSERT_TRUE(opened);
    ASSERT_EQ(opened->size(), columns.size());
    Columns decoded;
    decoded.mapping = opened->info.mapping;
    // The values first, and all twice: no order is required.
    for (int again = 0; again < 2; ++again) {
      switch (opened->kind()) {
        case model::ColumnKind::real:
          decoded.reals.assign(columns.size(), 42);
          ASSERT_TRUE(decode_values(*opened, decoded.reals));
          break;
        case model::ColumnKind::integer:
          decoded.integers.assign(columns.size(), 42);
          ASSERT_TRUE(decode_values(*opened, decoded.integers));
          break;
        case model::ColumnKind::text:
          decoded.texts.assign(columns.size(), "42");
          ASSERT_TRUE(decode_values(*opened, decoded.texts, decoded.text_bytes));
          break;
      }
      decoded.times_ns.assign(columns.size(), 42);
      ASSERT_TRUE(decode_times(*opened, decoded.times_ns));
    }
    expect_same(decoded, columns);
  }
}

TEST(Chunk, WithADamagedBodyIsNotOpened) {
  std::string chunk = encode_chunk(make_reals({{1, 2.5}, {2, 3.5}}));
  chunk.back() = static_cast<char>(chunk.back() ^ 1);
  const auto opened = open_chunk(chunk);
  ASSERT_FALSE(opened);
  EXPECT_TRUE(is(opened.error(), Errc::damaged));
}

TEST(Chunk, IsDecodedIntoColumnsThatHeldOthers) {
  std::mt19937_64 random(5);
  std::vector<std::string> owned;
  Columns decoded;
  for (int round = 0; round < 300; ++round) {
    const Columns columns = random_columns(random, 1 + random() % 300, owned);
    ASSERT_TRUE(decode_chunk(encode_chunk(columns), decoded));
    expect_same(decoded, columns);
  }
}

TEST(Chunk, InfoDoesNotTouchTheBody) {
  std::string chunk = encode_chunk(make_reals({{1, 2.5}, {2, 3.5}}));
  chunk.back() = static_cast<char>(chunk.back() ^ 1);
  EXPECT_TRUE(read_chunk_info(chunk));
  Columns decoded;
  EXPECT_FALSE(decode_chunk(chunk, decoded));
}

TEST(Chunk, OfANewerFormatIsTold) {
  std::string chunk = encode_chunk(make_reals({{1, 2.5}}));
  chunk[4] = 2;
  repair_checksums(chunk);
  Columns decoded;
  const auto result = decode_chunk(chunk, decoded);
  ASSERT_FALSE(result);
  EXPECT_TRUE(is(result.error(), Errc::newer_format));
  EXPECT_TRUE(is(read_chunk_info(chunk).error(), Errc::newer_format));
}

TEST(Chunk, WithMaliceBehindRightChecksumsIsRefusedOrReadButNothingElse) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  std::vector<std::string> owned;
  for (int round = 0; round < 4000; ++round) {
    std::string chunk = encode_chunk(random_columns(random, 1 + random() % 100, owned));
    for (std::uint64_t flips = 1 + random() % 4; flips > 0; --flips) {
      // Not the prefix: it would only be refused.
      chunk[6 + random() % (chunk.size() - 6)] = static_cast<char>(random());
    }
    repair_checksums(chunk);
    Columns decoded;
    if (decode_chunk(chunk, decoded)) {
      ASSERT_LE(decoded.size(), chunk_readings_max);
    } else {
      ASSERT_EQ(decoded.size(), 0u);
    }
  }
}

}  // namespace
}  // namespace iot::store
