#include "store/embedded/chunk_entry.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace iot::store {
namespace {

std::string some_chunk(std::size_t readings) {
  Columns columns;
  for (std::size_t i = 0; i < readings; ++i) {
    columns.times_ns.push_back(static_cast<std::int64_t>(1000 + i * i));
    columns.reals.push_back(static_cast<double>(i * i % 10'007) * 0.37);
  }
  return encode_chunk(columns);
}

ChunkEntry entry_of(const std::string& chunk) {
  ChunkEntry entry;
  entry.sensor = {77};
  entry.sequence = 9;
  entry.info = *read_chunk_info(chunk);
  entry.chunk_bytes = chunk.size();
  return entry;
}

TEST(ChunkEntryTest, KeysSortBySensorThenSpanThenTimeThenSequence) {
  std::vector<std::string> keys;
  for (const std::int64_t sensor : {INT64_MIN, std::int64_t{-1}, std::int64_t{0}, std::int64_t{1}, INT64_MAX}) {
    for (const unsigned span_class : {0u, 1u, 32u}) {
      for (const std::int64_t first : {std::int64_t{0}, std::int64_t{255}, std::int64_t{256}, INT64_MAX}) {
        for (const std::uint64_t sequence : {std::uint64_t{0}, std::uint64_t{1}, UINT64_MAX}) {
          keys.push_back(index_key({sensor}, span_class, first, sequence));
          const auto parsed = parse_index_key(keys.back());
          ASSERT_TRUE(parsed);
          EXPECT_EQ(parsed->sensor.value, sensor);
          EXPECT_EQ(parsed->span_class, span_class);
          EXPECT_EQ(parsed->first_ns, first);
          EXPECT_EQ(parsed->sequence, sequence);
        }
      }
    }
  }
  EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end()));
  for (const auto& key : keys) {
    EXPECT_GE(key, index_begin);
    EXPECT_LT(key, index_end);
  }
}

TEST(ChunkEntryTest, ASpanIsNotLongerThanItsClassSaysAndLongerThanAQuarterOfIt) {
  for (const std::int64_t span :
       {std::int64_t{0}, std::int64_t{1}, std::int64_t{3}, std::int64_t{4}, std::int64_t{15}, std::int64_t{16},
        std::int64_t{1} << 40, (std::int64_t{1} << 62) - 1, std::int64_t{1} << 62, INT64_MAX}) {
    const unsigned span_class = span_class_of(0, span);
    ASSERT_LT(span_class, span_classes);
    EXPECT_LE(span, span_max_ns(span_class));
    EXPECT_TRUE(span_class == 0 || span > span_max_ns(span_class - 1));
  }
}

TEST(ChunkEntryTest, ASmallChunkLiesInItsEntryAndALargeOneIsDescribed) {
  for (const std::size_t readings : {1u, 3u, 60'000u}) {
    const std::string chunk = some_chunk(readings);
    const ChunkEntry entry = entry_of(chunk);
    const std::string value = index_value(entry, chunk);
    const auto parsed = parse_index_entry(index_key(entry), value);
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(parsed->inlined, chunk.size() <= inlined_bytes_max ? chunk : "");
    EXPECT_EQ(parsed->chunk_bytes, chunk.size());
    EXPECT_EQ(parsed->info.summary.count, readings);
    EXPECT_EQ(parsed->last_ns(), entry.last_ns());
    ASSERT_TRUE(parsed->info.summary.numbers);
    EXPECT_EQ(parsed->info.summary.numbers->sum, entry.info.summary.numbers->sum);
    EXPECT_EQ(parsed->info.summary.numbers->max, entry.info.summary.numbers->max);
  }
}

TEST(ChunkEntryTest, EveryFlippedBitOfADescriptionIsFound) {
  const std::string chunk = some_chunk(60'000);
  const ChunkEntry entry = entry_of(chunk);
  const std::string key = index_key(entry);
  const std::string value = index_value(entry, chunk);
  ASSERT_LT(value.size(), 100u);
  for (std::size_t bit = 0; bit < value.size() * 8; ++bit) {
    std::string damaged = value;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(parse_index_entry(key, damaged)) << "bit " << bit;
  }
  for (std::size_t size = 0; size < value.size(); ++size) {
    EXPECT_FALSE(parse_index_entry(key, value.substr(0, size))) << "cut at " << size;
  }
}

TEST(ChunkEntryTest, AnEntryUnderAnotherKeyIsFound) {
  const std::string chunk = some_chunk(3);
  ChunkEntry entry = entry_of(chunk);
  const std::string value = index_value(entry, chunk);
  entry.info.summary.first.ns += 1;
  EXPECT_FALSE(parse_index_entry(index_key(entry), value));
}

TEST(ChunkEntryTest, IntegersOfAnySizeComeBackExactly) {
  Columns columns;
  columns.mapping = model::MappingType::long_integer;
  for (std::int64_t i = 0; i < 3000; ++i) {
    columns.times_ns.push_back(i * 1'000'003);
    columns.integers.push_back(i % 2 ? INT64_MAX - i * 7919 : INT64_MIN + i * 104729 * 13);
  }
  const std::string chunk = encode_chunk(columns);
  const ChunkEntry entry = entry_of(chunk);
  const auto parsed = parse_index_entry(index_key(entry), index_value(entry, chunk));
  ASSERT_TRUE(parsed);
  ASSERT_TRUE(parsed->info.summary.integers);
  EXPECT_EQ(parsed->info.summary.integers->min, entry.info.summary.integers->min);
  EXPECT_EQ(parsed->info.summary.integers->max, entry.info.summary.integers->max);
  EXPECT_EQ(parsed->info.summary.integers->sum, entry.info.summary.integers->sum);
}

}  // namespace
}  // namespace iot::store
